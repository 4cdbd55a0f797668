package dev.sluice.inference;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Phrases that point to a common label, with weights. */
final class Lexicon {
    /** @param weight 1 for a hint, 3 for a phrase that hardly stands anywhere else */
    record Term(String phrase, double weight) {}

    /** One line for each label: its names, then its phrases; {@code *3} is a weight, 1 when left out. */
    private static final String ENTRIES = """
            invoice bill rechnung facture: invoice*2, invoice number*3, invoice no*3, invoice date*3, \
            bill to*2, total due*3, \
            amount due*3, balance due*3, subtotal*2, vat, tax, unit price*2, quantity, payment terms*2, iban, \
            due date, \
            net total*2, remit*2, rechnung*3, rechnungsnummer*3, mwst*2, facture*3, purchase order, qty, please pay*2
            receipt: receipt*3, paid*1, change due*2, cash, thank you for your purchase*3, card ending*2, \
            cashier*2, total
            order purchaseorder: purchase order*3, order number*3, ship to*2, delivery date, order date*2, quantity, qty
            quote quotation offer estimate: quotation*3, quote*2, offer, valid until*2, estimate*2, proposal, unit price
            contract agreement vertrag: agreement*2, this agreement*3, contract*2, the parties*3, hereby*2, whereas*3, \
            party, shall, termination*2, governing law*3, indemnify*3, confidentiality*2, liability, \
            in witness whereof*3, \
            effective date*2, obligations, vertrag*3, clause, hereinafter*3, breach
            letter: dear*2, dear sir*3, dear madam*3, yours sincerely*3, yours faithfully*3, sincerely*2, \
            kind regards*2, \
            yours truly*3, enclosed*2, i am writing*3, sehr geehrte*3, mit freundlichen*3, your letter*3, \
            to whom it may*3
            email mail message e-mail: subject:*3, from:*2, to:*1, cc:*3, sent:*2, reply-to*3, forwarded message*3, \
            message-id*3, wrote:*2, best regards, unsubscribe*2, re:*1, fwd:*3, mime-version*3, hi
            memo memorandum minutes: memorandum*3, memo*3, minutes*2, attendees*3, action items*3, agenda*3, meeting*1
            report study analysis: report*2, annual report*3, executive summary*3, findings*2, analysis, \
            results, methodology*2, \
            conclusion, recommendations*2, quarter, figures, survey, compared with, increase, percent, \
            fiscal year*2, revenue
            manual guide handbook documentation tutorial instructions howto: manual*2, user guide*3, how to, \
            install*2, \
            installation*2, step 1*3, instructions*2, click*2, press, configure*2, usage*2, troubleshooting*3, \
            warning, \
            getting started*3, options*1, operating*1, appliance*2, safety*1, synopsis*3, see also, command, settings
            licence license terms legal: license*2, licence*2, licensed under*3, permission is hereby granted*3, \
            redistribution*3, warranty*2, without warranty*3, copyright*2, as is*2, source code*1, \
            gnu general public*3, \
            sublicense*3, licensor*3, apache license*3, distribute*1, terms and conditions*2, terms of use*3
            changelog releasenotes changes history news: changelog*3, release notes*3, changed*1, added*1, fixed*2, \
            bug fix*2, bugfix*3, deprecated*2, unreleased*3, version*1, new features*2, breaking changes*3, \
            upgrade, urgency=*3
            source code program script sourcecode: import*1, public class*3, #include*3, def*1, return*1, \
            function*1, void*2, \
            const*1, static*1, package*1, struct*1, null*1, int*1, #!/bin*3, private*1, public*1, else*1
            data dataset table csv json: {"*2, ","*1, null*1, id*1, value*1, dataset*2, columns*2, rows*1, timestamp*2
            article paper news blog post essay: abstract*2, introduction*1, et al*3, references*1, journal*2, \
            published*1, \
            said*1, according to*2, reporters*2, researchers*2, university*1, editor*1, article*2, scientists*2, doi*2
            form application questionnaire: please fill*3, signature*2, date of birth*3, applicant*3, first name*2, \
            last name*2, tick*2, check one*3, form*1, application form*3, please print*3, marital status*3, \
            nationality*2
            resume cv curriculumvitae: curriculum vitae*3, resume*2, work experience*3, education*1, skills*2, \
            employment*1, references available*3, languages*1, objective*1, certifications*2
            specification requirements standard rfc: must not*2, shall not*1, specification*2, requirements*2, rfc*2, \
            conformance*3, normative*3, section, protocol*1, implementations*2, standard
            complaint: complaint*3, complain*3, disappointed*3, unacceptable*3, refund*2, dissatisfied*3, \
            faulty*2, broken*1
            positive: good*1, great*2, excellent*3, happy*2, love*2, thank*1, perfect*2, pleased*2, \
            wonderful*3, works well*2, \
            recommend*2, satisfied*2, best, success, improved
            negative: bad*2, poor*2, terrible*3, unhappy*2, hate*2, angry*2, awful*3, disappointed*3, broken*2, \
            refund*2, \
            complaint*3, problem*1, failed*1, late*1, worst*3, sorry*1, not working*3, delay*1
            urgent high critical: urgent*3, immediately*3, asap*3, as soon as possible*3, critical*2, \
            emergency*3, outage*3, \
            today, deadline*1, down*1, severe*2, final notice*3
            english en: the*1, and*1, of*1, is*1, with*1, for*1
            german de deutsch: der*1, und*1, die*1, ist*1, nicht*1, mit*1, für*1, das*1
            french fr: le*1, et*1, les*1, est*1, des*1, pour*1, une*1
            spanish es: el*1, y*1, los*1, es*1, que*1, para*1, una*1
            """;

    /** Labels for what is nothing else. */
    private static final List<String> REST = List.of(
            "other", "others", "unknown", "none", "misc", "miscellaneous", "general", "neutral", "unclassified");

    private static final Map<String, List<Term>> TERMS = parse();

    private Lexicon() {}

    /** True for labels such as {@code other}, which nothing in a text points to. */
    static boolean isRest(String label) {
        return REST.contains(normal(label));
    }

    /**
     * Phrases for the label; those of each of its words when it is not known as a whole; never empty of its own words.
     */
    static List<Term> terms(String label) {
        List<Term> terms = new ArrayList<>();
        List<Term> known = TERMS.get(normal(label));
        if (known != null) terms.addAll(known);
        List<String> words = Field.words(label);
        String phrase = String.join(" ", words);
        if (known == null && !phrase.isEmpty()) terms.add(new Term(phrase, 3));
        if (known == null && words.size() > 1) {
            for (String word : words) {
                List<Term> ofWord = TERMS.get(word);
                if (ofWord != null) terms.addAll(ofWord);
                else if (word.length() > 3) terms.add(new Term(word, 1));
            }
        }
        return terms;
    }

    private static String normal(String label) {
        String letters = label.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}]", "");
        boolean plural = letters.length() > 4
                && letters.endsWith("s")
                && TERMS != null
                && TERMS.containsKey(letters.substring(0, letters.length() - 1));
        return plural ? letters.substring(0, letters.length() - 1) : letters;
    }

    private static Map<String, List<Term>> parse() {
        Map<String, List<Term>> terms = new HashMap<>();
        ENTRIES.lines().forEach(line -> {
            int colon = line.indexOf(": ");
            List<Term> parsed = new ArrayList<>();
            for (String term : line.substring(colon + 2).split(", +")) {
                int star = term.lastIndexOf('*');
                String phrase = (star < 0 ? term : term.substring(0, star)).strip();
                parsed.add(new Term(phrase, star < 0 ? 1 : Double.parseDouble(term.substring(star + 1))));
            }
            for (String name : line.substring(0, colon).split(" "))
                terms.put(name.replace("-", ""), List.copyOf(parsed));
        });
        return Map.copyOf(terms);
    }
}
