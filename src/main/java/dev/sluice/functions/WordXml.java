package dev.sluice.functions;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * The parts of a Word document. Elements are told by their local names, so that both namespaces of the standard, the
 * strict and the transitional one, are read. No part has a document type, hence none is read and no entity is expanded.
 */
final class WordXml {
    private WordXml() {}

    /** Formatting, field codes, deleted text, and the second rendering of what newer versions write twice. */
    private static final Set<String> SKIPPED =
            Set.of("pPr", "rPr", "sectPr", "tblPr", "tblGrid", "trPr", "tcPr", "instrText", "delText", "Fallback");

    private static final Map<String, String> PROPERTIES = Map.of(
            "title", "title",
            "creator", "author",
            "subject", "subject",
            "keywords", "keywords",
            "description", "description",
            "lastModifiedBy", "lastModifiedBy",
            "created", "created",
            "modified", "modified",
            "language", "language");

    /** Values are shown to people and sent along with every run. */
    private static final int PROPERTY_CHARACTERS_MAX = 1000;

    /** Paragraphs become lines, table rows become lines of cells divided by tabs. Stops early when the sink is full. */
    static void text(InputStream part, TextSink sink) throws XMLStreamException, IOException {
        XMLStreamReader xml = open(part);
        int cells = 0;
        boolean inText = false;
        while (xml.hasNext()) {
            int event = xml.next();
            if (sink.isFull()) {
                sink.markTruncated();
                return;
            }
            if (event == XMLStreamConstants.START_ELEMENT) {
                String element = xml.getLocalName();
                if (SKIPPED.contains(element)) skip(xml);
                else if (element.equals("t")) inText = true;
                else if (element.equals("tc")) cells++;
                else sink.put(whiteSpace(element));
            } else if (event == XMLStreamConstants.END_ELEMENT) {
                String element = xml.getLocalName();
                if (element.equals("t")) inText = false;
                if (element.equals("p")) sink.put(cells > 0 ? " " : "\n");
                if (element.equals("tr")) sink.put("\n");
                if (element.equals("tc")) {
                    cells--;
                    sink.put("\t");
                }
            } else if (inText && xml.hasText()) {
                sink.put(xml.getText());
            }
        }
    }

    /** Of {@code docProps/core.xml}: title, author, dates. */
    static Map<String, String> properties(InputStream part) throws XMLStreamException {
        Map<String, String> properties = new TreeMap<>();
        XMLStreamReader xml = open(part);
        String name = null;
        while (xml.hasNext()) {
            int event = xml.next();
            if (event == XMLStreamConstants.START_ELEMENT) {
                name = PROPERTIES.get(xml.getLocalName());
            } else if (event == XMLStreamConstants.END_ELEMENT) {
                name = null;
            } else if (name != null && event == XMLStreamConstants.CHARACTERS) {
                properties.merge(name, xml.getText(), WordXml::join);
            }
        }
        properties.replaceAll((key, value) -> value.strip());
        properties.values().removeIf(String::isEmpty);
        return properties;
    }

    private static String join(String first, String second) {
        String both = first + second;
        return both.substring(0, Math.min(both.length(), PROPERTY_CHARACTERS_MAX));
    }

    private static String whiteSpace(String element) {
        return switch (element) {
            case "tab" -> "\t";
            case "br", "cr" -> "\n";
            case "noBreakHyphen" -> "-";
            default -> "";
        };
    }

    private static void skip(XMLStreamReader xml) throws XMLStreamException {
        for (int depth = 1; depth > 0; ) {
            int event = xml.next();
            if (event == XMLStreamConstants.START_ELEMENT) depth++;
            if (event == XMLStreamConstants.END_ELEMENT) depth--;
        }
    }

    private static XMLStreamReader open(InputStream part) throws XMLStreamException {
        return factory().createXMLStreamReader(part);
    }

    /** The JDK's own parser, whatever else is on the class path. */
    private static XMLInputFactory factory() {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
        factory.setXMLResolver((publicId, systemId, base, namespace) -> {
            throw new XMLStreamException("a Word document refers to nothing outside");
        });
        return factory;
    }
}
