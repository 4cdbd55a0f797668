package dev.sluice.inference;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Documents and requests for tests. */
final class Texts {
    static final ObjectMapper JSON = new ObjectMapper();

    static final String INVOICE = """
            ACME PUMPS LTD
            4 Mill Lane, Leeds LS1 4AP

            INVOICE
            Invoice number: INV-2026-0042
            Invoice date: 12 March 2026
            Due date: 11 April 2026
            From: Acme Pumps Ltd, billing@acme-pumps.example
            Bill to: Sluice Works GmbH, Hamburg

            Description        Qty   Unit price   Amount
            Gate valve DN 100    2   EUR 450.00   EUR 900.00

            Subtotal                              EUR 900.00
            VAT 19 %                              EUR 171.00
            Total due                           EUR 1,071.00

            Please pay to IBAN GB29 NWBK 6016 1331 9268 19 within 30 days.
            """;

    static final String LETTER = """
            Dear Mrs Miller,

            thank you for your letter of 3 May 2026. We are sorry to hear that the delivery of the pumps was late,
            and that your site in Leeds stood still for two days because of it. The carrier lost the papers at the
            border, and nobody told us before you did. We have changed the carrier since. The next delivery is free
            of charge, and a credit note about the freight is enclosed.

            Yours sincerely,
            John Smith
            """;

    static final String CONTRACT = """
            SERVICE AGREEMENT

            This Agreement is made on 1 February 2026 between Northwind Hosting Ltd and
            Contoso Research GmbH (the Parties).
            Whereas the Provider operates data centres, the Parties hereby agree as follows.
            1. Services. The Provider shall host the Customer's systems and shall keep them available.
            2. Termination. Either party may terminate this Agreement with three months' notice in writing.
            3. Confidentiality. The parties shall keep confidential what they learn of each other's business.
            4. Liability. The Provider's liability is limited to the fees of one year.
            5. Governing law. This Agreement is governed by the laws of England.
            In witness whereof the parties have signed this Agreement.
            """;

    static final String EMAIL = """
            From: Jane Roe <jane.roe@example.org>
            To: support@example.org
            Subject: Export fails since the update
            Date: Mon, 2 Mar 2026 09:14:00 +0100

            Hi,
            since yesterday's update the export to CSV fails with a time-out. We need it by Friday, this is urgent.
            See https://status.example.org/incidents/42 for our log.
            Best regards
            Jane
            """;

    private Texts() {}

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text.replace('\'', '"'));
        } catch (JsonProcessingException wrong) {
            throw new IllegalArgumentException(text, wrong);
        }
    }

    static String document(String name, String text) {
        return "Look at this.\n<document name=\"" + name + "\">\n" + text + "\n</document>\nAnswer.";
    }

    static ObjectNode request(String user, JsonNode schema) {
        ObjectNode request = JsonNodeFactory.instance.objectNode().put("model", OfflineModel.NAME);
        request.putArray("messages").addObject().put("role", "user").put("content", user);
        if (schema != null) {
            ObjectNode format = request.putObject("response_format").put("type", "json_schema");
            format.putObject("json_schema")
                    .put("name", "answer")
                    .put("strict", true)
                    .set("schema", schema);
        }
        return request;
    }
}
