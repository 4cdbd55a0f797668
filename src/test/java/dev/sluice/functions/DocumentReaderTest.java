package dev.sluice.functions;

import static dev.sluice.functions.Documents.docx;
import static dev.sluice.functions.Documents.pdf;
import static dev.sluice.functions.Documents.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DocumentReaderTest {
    private final DocumentReader reader = new DocumentReader();

    private DocumentText read(String name, byte[] bytes) {
        return reader.read(name, "", bytes);
    }

    private Problem refuse(String name, byte[] bytes) {
        ProblemException refused = catchThrowableOfType(ProblemException.class, () -> read(name, bytes));
        assertThat(refused).as("%s should have been refused", name).isNotNull();
        assertThat(refused.problem().detail())
                .startsWith("The document '" + name + "' ")
                .endsWith(".");
        return refused.problem();
    }

    private void assertRefused(Code code, String name, byte[] bytes) {
        assertThat(refuse(name, bytes).code()).isEqualTo(code.name());
    }

    // Kinds that are read

    @Test
    void aPdfGivesItsTextTitleAuthorAndPages() {
        DocumentText document = read("a.pdf", pdf("Invoice 2026-17", "Total 119.00 EUR"));
        assertThat(document.text()).contains("Invoice 2026-17\n").contains("Total 119.00 EUR");
        assertThat(document.mediaType()).isEqualTo("application/pdf");
        assertThat(document.title()).isEqualTo("Invoice 2026-17");
        assertThat(document.metadata()).containsEntry("author", "Ada Example").containsEntry("pages", "1");
        assertThat(document.truncated()).isFalse();
    }

    @Test
    void aPdfIsKnownByItsBytesWhateverItsNameSays() {
        assertThat(read("notes.txt", pdf("Hello")).mediaType()).isEqualTo("application/pdf");
    }

    @Test
    void aWordDocumentGivesParagraphsAsLinesAndCellsByTabs() {
        String body = "<w:p><w:pPr><w:tabs><w:tab w:pos=\"1\"/></w:tabs></w:pPr><w:r><w:t>Dear</w:t></w:r>"
                + "<w:r><w:t xml:space=\"preserve\"> Ada,</w:t></w:r></w:p>"
                + "<w:p><w:r><w:delText>old</w:delText><w:t>one</w:t><w:br/><w:t>two</w:t></w:r></w:p>"
                + "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Total</w:t></w:r></w:p></w:tc>"
                + "<w:tc><w:p><w:r><w:t>119</w:t></w:r></w:p></w:tc></w:tr></w:tbl>";
        assertThat(read("a.docx", docx(body)).text()).isEqualTo("Dear Ada,\none\ntwo\nTotal \t119 \t\n");
    }

    @Test
    void aWordDocumentGivesTitleAndAuthorAndReadsHeadersBeforeTheBodyAndNotesAfterIt() {
        String xml = "<w:x xmlns:w=\"" + Documents.WORD_NAMESPACE + "\"><w:p><w:t>%s</w:t></w:p></w:x>";
        DocumentText document = read(
                "a.docx",
                docx(
                        "<w:p><w:r><w:t>body</w:t></w:r></w:p>",
                        Map.of(
                                "word/header1.xml", xml.formatted("letterhead"),
                                "word/footnotes.xml", xml.formatted("note"),
                                "docProps/core.xml", "<p><title>Offer</title><creator>Ada &amp; Bob</creator></p>")));
        assertThat(document.text()).isEqualTo("letterhead\nbody\nnote\n");
        assertThat(document.title()).isEqualTo("Offer");
        assertThat(document.metadata()).containsEntry("author", "Ada & Bob");
    }

    @Test
    void aWebPageGivesWhatAPersonReads() {
        String html = "<!doctype html><html lang=en><head><title>My page</title><meta name=author content=Ada>"
                + "<style>p{}</style><script>alert(1)</script></head><body><h1>Head</h1><p>one  <b>bold</b>\n word.</p>"
                + "<ul><li>first<li>second</ul><table><tr><td>a<td>b</table><pre>x\n  y</pre>a<br>b</body></html>";
        DocumentText document = read("a.html", utf8(html));
        assertThat(document.text()).isEqualTo("Head\none bold word.\n- first\n- second\na\tb\t\nx\n  y\na\nb\n");
        assertThat(document.title()).isEqualTo("My page");
        assertThat(document.metadata()).containsEntry("author", "Ada").containsEntry("language", "en");
    }

    @Test
    void aWebPageIsKnownByItsStartWhenItsNameSaysNothing() {
        byte[] page = utf8("<?xml version='1.0'?>\n<!-- hi --><html><body>Hello</body></html>");
        assertThat(read("download", page).mediaType()).isEqualTo("text/html");
    }

    @Test
    void aWebPageIsDecodedAsItDeclares() {
        byte[] page = "<meta charset=iso-8859-2><p>Łódź".getBytes(Charset.forName("iso-8859-2"));
        assertThat(read("a.html", page).text()).isEqualTo("Łódź\n");
    }

    private static final String MAIL = """
            Received: from a by b; Mon, 2 Nov 2026 10:00:00 +0000
            From: =?utf-8?q?J=C3=BCrgen?= <j@example.org>
            To: Ada <ada@example.org>, bob@example.org
            Subject: =?utf-8?b?w5xiZXJ3ZWlzdW5n?=
            Date: Mon, 2 Nov 2026 11:00:00 +0100
            MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary=X

            --X
            Content-Type: multipart/alternative; boundary=Y

            --Y
            Content-Type: text/plain; charset=iso-8859-1
            Content-Transfer-Encoding: quoted-printable

            Gr=FC=DFe
            --Y
            Content-Type: text/html

            <p>not this one
            --Y--
            --X
            Content-Type: application/pdf; name=bill.pdf
            Content-Disposition: attachment; filename=bill.pdf
            Content-Transfer-Encoding: base64

            JVBERi0=
            --X--
            """;

    @Test
    void aMailGivesItsHeadersItsPlainBodyAndTheNamesOfItsAttachments() {
        DocumentText document = read("a.eml", utf8(MAIL.replace("\n", "\r\n")));
        assertThat(document.title()).isEqualTo("Überweisung");
        assertThat(document.text())
                .startsWith("From: Jürgen <j@example.org>\nTo: Ada <ada@example.org>, bob@example.org\n")
                .contains("\n\nGrüße\n")
                .doesNotContain("not this one")
                .endsWith("Attachments: bill.pdf\n");
        assertThat(document.metadata())
                .containsEntry("date", "2026-11-02T10:00:00Z")
                .containsEntry("attachments", "bill.pdf");
    }

    @Test
    void aMailOfHtmlAloneIsReadAsAWebPage() {
        String mail =
                "From: a@example.org\nDate: Mon, 2 Nov 2026 11:00:00 +0100\nContent-Type: text/html\n\n<p>one<p>two";
        DocumentText document = read("message", utf8(mail));
        assertThat(document.mediaType()).isEqualTo("message/rfc822");
        assertThat(document.text()).endsWith("\n\none\ntwo\n");
    }

    @Test
    void aForwardedMailIsReadWithTheMailThatCarriesIt() {
        String mail = """
                From: ada@example.org
                Date: Mon, 2 Nov 2026 11:00:00 +0100
                Content-Type: multipart/mixed; boundary=X

                --X

                See below.
                --X
                Content-Type: message/rfc822

                From: bob@example.org
                Subject: The offer

                It is 119 EUR.
                --X--
                """;
        assertThat(read("a.eml", utf8(mail)).text())
                .contains("See below.\n\nForwarded message:\nFrom: bob@example.org\nSubject: The offer\n\n")
                .endsWith("It is 119 EUR.");
    }

    @Test
    void aTableGivesItsColumnsAndMarkdownItsFirstHeading() {
        assertThat(read("a.csv", utf8("name;amount\nAda;3\n")).metadata())
                .containsEntry("columns", "name;amount")
                .containsEntry("lines", "2");
        assertThat(read("README.md", utf8("text\n# The *title* #\nmore")).title())
                .isEqualTo("The *title*");
    }

    @Test
    void theDeclaredMediaTypeCountsWhenTheNameSaysNothing() {
        assertThat(reader.read("upload", "text/csv; header=present", utf8("a,b\n1,2"))
                        .mediaType())
                .isEqualTo("text/csv");
    }

    // Encodings

    @Test
    void brokenUtf8IsReadWithReplacementCharactersAndCounted() {
        byte[] bytes = utf8("Grüße aus Köln und Düsseldorf");
        bytes[3] = 'x';
        DocumentText document = read("a.txt", bytes);
        assertThat(document.text()).isEqualTo("Gr\uFFFDxße aus Köln und Düsseldorf");
        assertThat(document.metadata()).containsEntry("charset", "UTF-8").containsEntry("replacedCharacters", "1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"windows-1252", "UTF-8", "UTF-16", "UTF-16LE", "UTF-16BE"})
    void theEncodingOfATextIsFoundOut(String charset) {
        DocumentText document = read("a.txt", "Grüße aus Köln, 12 € das Stück\n".getBytes(Charset.forName(charset)));
        assertThat(document.text()).isEqualTo("Grüße aus Köln, 12 € das Stück\n");
    }

    @ParameterizedTest
    @CsvSource({
        "windows-1251, Все счастливые семьи похожи друг на друга; каждая несчастливая семья несчастлива по-своему.",
        "Shift_JIS, 吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。何でも薄暗いじめじめした所で泣いていた。",
        "GB18030, 学而时习之，不亦说乎？有朋自远方来，不亦乐乎？人不知而不愠，不亦君子乎？这是论语的第一段话。",
    })
    void otherOneAndTwoByteEncodingsAreGuessedFromTheText(String charset, String text) {
        assertThat(read("a.txt", text.getBytes(Charset.forName(charset))).text())
                .isEqualTo(text);
    }

    @Test
    void longTextIsCutAndSaysSo() {
        DocumentText document = read("a.txt", utf8("ä".repeat(DocumentReader.TEXT_CHARACTERS_MAX) + "end"));
        assertThat(document.text()).hasSize(DocumentReader.TEXT_CHARACTERS_MAX);
        assertThat(document.truncated()).isTrue();
        assertThat(document.metadata()).doesNotContainKey("replacedCharacters");
    }

    @Test
    void longWebPagesAndWordDocumentsAreCutAndSaySo() {
        String many = "<p>" + "x".repeat(1000) + "</p>";
        String page = "<html>" + many.repeat(2000);
        String body = "<w:p><w:t>" + "x".repeat(1000) + "</w:t></w:p>";
        assertThat(read("a.html", utf8(page)).truncated()).isTrue();
        assertThat(read("a.docx", docx(body.repeat(2000))).truncated()).isTrue();
    }

    // Refusals

    @Test
    void anEncryptedPdfIsRefusedAsProtected() {
        assertRefused(Code.SL4002, "a.pdf", pdf("secret", new String[] {"Hello"}));
    }

    @Test
    void anEncryptedWordDocumentIsRefusedAsProtected() {
        byte[] bytes = new byte[4096];
        byte[] magic = {(byte) 0xD0, (byte) 0xCF, 0x11, (byte) 0xE0, (byte) 0xA1, (byte) 0xB1, 0x1A, (byte) 0xE1};
        System.arraycopy(magic, 0, bytes, 0, magic.length);
        assertRefused(Code.SL4001, "old.doc", bytes);
        byte[] part = "EncryptedPackage".getBytes(StandardCharsets.UTF_16LE);
        System.arraycopy(part, 0, bytes, 1024, part.length);
        assertRefused(Code.SL4002, "a.docx", bytes);
    }

    @Test
    void aWordDocumentThatUnpacksBeyondTheLimitIsRefused() {
        byte[] bomb = Documents.docxWithPictureOfZeros(WordReader.EXPANDED_BYTES_MAX + 1);
        assertThat(bomb.length).isLessThan(1 << 20);
        assertRefused(Code.SL4004, "bomb.docx", bomb);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void aPdfWhoseStreamUnpacksBeyondTheLimitIsRefused(int layers) {
        byte[] bomb = Documents.pdfWithStreamOfZeros(PdfExpansion.STREAM_BYTES_MAX + (1 << 20), layers);
        assertThat(bomb.length).isLessThan(1 << 20);
        assertRefused(Code.SL4004, "bomb.pdf", bomb);
    }

    @Test
    void aWordDocumentThatDeclaresEntitiesExpandsNoneOfThem() {
        String xml = "<!DOCTYPE w [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">"
                + "<!ENTITY x SYSTEM \"file:///etc/hostname\">]>"
                + "<w:document xmlns:w=\"" + Documents.WORD_NAMESPACE
                + "\"><w:p><w:t>read &b;&x;</w:t></w:p></w:document>";
        byte[] bytes = Documents.zip(Map.of("[Content_Types].xml", "<Types/>", "word/document.xml", xml));
        try {
            assertThat(read("a.docx", bytes).text()).isEqualTo("read \n");
        } catch (ProblemException refused) {
            assertThat(refused.problem().code()).isEqualTo(Code.SL4003.name());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.pdf", "a.docx"})
    void randomBytesNamedLikeADocumentAreRefusedAsDamaged(String name) {
        assertRefused(Code.SL4003, name, Documents.random(5000));
    }

    @Test
    void documentsThatBreakOffAreRefusedAsDamaged() {
        byte[] docx = docx("<w:p><w:r><w:t>" + "words and words ".repeat(500) + "</w:t></w:r></w:p>");
        assertRefused(Code.SL4003, "a.docx", Arrays.copyOf(docx, docx.length / 2));
        assertRefused(Code.SL4003, "a.pdf", utf8("%PDF-1.7\n1 0 obj <</Type /Catalog"));
        assertRefused(Code.SL4003, "b.docx", docx("<w:p><w:t>not closed</w:p>"));
    }

    @Test
    void everyDamageOfADocumentEndsInTextOrAProblem() {
        byte[] pdf = pdf("Invoice 2026-17", "Total 119.00 EUR");
        byte[] docx = docx("<w:p><w:r><w:t>Hello</w:t></w:r></w:p>");
        java.util.Random random = new java.util.Random(7);
        for (int i = 0; i < 200; i++) {
            byte[] bytes = i % 2 == 0 ? pdf.clone() : docx.clone();
            for (int j = 0; j < 8; j++) bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            try {
                read(i % 2 == 0 ? "a.pdf" : "a.docx", bytes);
            } catch (ProblemException refused) {
                assertThat(refused.problem().code()).startsWith("SL400");
            }
        }
    }

    @Test
    void deepNestingEndsInTextOrAProblemAndNotInASearchForTheEnd() {
        int depth = 200_000;
        assertThat(read("a.html", utf8("<div>a".repeat(depth))).text()).hasSizeGreaterThan(depth);
        assertThat(read("b.html", utf8("<b>a".repeat(depth))).text()).hasSizeGreaterThanOrEqualTo(depth);
        StringBuilder mail = new StringBuilder("From: a@example.org\nDate: Mon, 2 Nov 2026 11:00:00 +0100\n");
        for (int i = 0; i < 2_000; i++) {
            mail.append("Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n".formatted(i, i));
        }
        try {
            read("a.eml", utf8(mail + "\nend"));
        } catch (ProblemException refused) {
            assertThat(refused.problem().code()).isEqualTo(Code.SL4003.name());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "89504E470D0A1A0A0000000D49484452, PNG image",
        "7F454C4602010100, Linux program",
        "4D5A90000300, Windows program",
        "FFD8FFE000104A46, JPEG image",
        "504B0506000000000000000000000000, empty ZIP",
        "7B5C727466312048, RTF",
        "0001020304050607, unknown kind",
    })
    void otherKindsAreRefusedByTheirOwnName(String hex, String kind) {
        Problem problem = refuse("picture.dat", java.util.HexFormat.of().parseHex(hex));
        assertThat(problem.code()).isEqualTo(Code.SL4001.name());
        assertThat(problem.detail()).contains(kind).contains("Sluice reads pdf, docx");
    }

    @Test
    void anImageNamedPdfIsRefusedAsAnImage() {
        byte[] png = java.util.HexFormat.of().parseHex("89504E470D0A1A0A0000000D49484452");
        assertThat(refuse("scan.pdf", png).detail()).contains("is a PNG image");
    }

    @Test
    void aZipArchiveAndASpreadsheetAreRefusedAsUnsupported() {
        assertRefused(Code.SL4001, "a.zip", Documents.zip(Map.of("a.txt", "hello")));
        byte[] sheet = Documents.zip(Map.of("[Content_Types].xml", "<Types/>", "xl/workbook.xml", "<w/>"));
        assertRefused(Code.SL4001, "a.xlsx", sheet);
        assertRefused(Code.SL4003, "a.docx", sheet);
    }

    @Test
    void aDocumentWithoutTextIsRefused() {
        assertRefused(Code.SL4005, "empty.txt", new byte[0]);
        assertRefused(Code.SL4005, "blank.md", utf8(" \n\t\u00a0\r\n".replace("\u00a0", " ")));
        assertRefused(Code.SL4005, "blank.docx", docx("<w:p/>"));
        assertThat(refuse("scan.pdf", pdf()).detail()).contains("text recognition");
    }

    @Test
    void aDocumentAboveTheLimitIsRefusedBeforeItIsLookedAt() {
        assertRefused(Code.SL4006, "a.txt", new byte[DocumentReader.DOCUMENT_BYTES_MAX + 1]);
    }

    @Test
    void aDocumentThatTakesTooLongIsGivenUpOnAndItsPlaceIsFreeAgain() {
        DocumentReader hasty = new DocumentReader(Duration.ofMillis(1), 1);
        byte[] slow = Documents.docxWithPictureOfZeros(WordReader.EXPANDED_BYTES_MAX - 1);
        ProblemException late = catchThrowableOfType(ProblemException.class, () -> hasty.read("slow.docx", "", slow));
        assertThat(late.problem().code()).isEqualTo(Code.SL4011.name());
        assertThat(late.problem().retryable()).isTrue();
        org.awaitility.Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .ignoreExceptions()
                .until(() -> !hasty.read("a.txt", "", utf8("hello")).text().isEmpty());
    }
}
