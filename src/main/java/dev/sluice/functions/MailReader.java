package dev.sluice.functions;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.james.mime4j.dom.Entity;
import org.apache.james.mime4j.dom.Message;
import org.apache.james.mime4j.dom.Multipart;
import org.apache.james.mime4j.dom.SingleBody;
import org.apache.james.mime4j.dom.address.AddressList;
import org.apache.james.mime4j.dom.address.Mailbox;
import org.apache.james.mime4j.dom.address.MailboxList;
import org.apache.james.mime4j.message.BasicBodyFactory;
import org.apache.james.mime4j.message.DefaultMessageBuilder;
import org.apache.james.mime4j.stream.MimeConfig;

/** Text of a mail (RFC 5322, MIME): the headers a person sees, then the body. Attachments are named, not read. */
final class MailReader {
    private MailReader() {}

    /** Forwarded mails in forwarded mails; deeper ones are left out. */
    private static final int DEPTH_MAX = 10;

    private static final int ATTACHMENTS_NAMED_MAX = 100;

    private static final MimeConfig LENIENT = new MimeConfig.Builder()
            .setMaxLineLen(-1)
            .setMaxHeaderLen(1 << 20)
            .setMaxHeaderCount(10_000)
            .setMaxContentLen(DocumentReader.DOCUMENT_BYTES_MAX)
            .build();

    static DocumentText read(byte[] bytes) throws IOException {
        DefaultMessageBuilder builder = new DefaultMessageBuilder();
        builder.setMimeEntityConfig(LENIENT);
        builder.setBodyFactory(new BasicBodyFactory(true));
        Message message = builder.parseMessage(new ByteArrayInputStream(bytes));
        try {
            return new Walk().read(message);
        } finally {
            message.dispose();
        }
    }

    private static final class Walk {
        private final TextSink sink = new TextSink(DocumentReader.TEXT_CHARACTERS_MAX);
        private final List<String> attachments = new ArrayList<>();
        private final Map<String, String> metadata = new TreeMap<>();
        private boolean cut;

        DocumentText read(Message message) throws IOException {
            describe(message);
            String subject = plain(message.getSubject());
            headers(message);
            body(message, 0);
            if (!attachments.isEmpty()) {
                metadata.put("attachments", String.join(", ", attachments));
                sink.newLine();
                header("\nAttachments", metadata.get("attachments"));
            }
            metadata.values().removeIf(String::isEmpty);
            return new DocumentText(
                    sink.toString(), DocumentKind.MAIL.mediaType(), subject, metadata, sink.truncated() || cut);
        }

        private void headers(Message message) throws IOException {
            header("From", mailboxes(message.getFrom()));
            header("To", addresses(message.getTo()));
            header("Cc", addresses(message.getCc()));
            header("Date", date(message));
            header("Subject", plain(message.getSubject()));
            sink.put("\n");
        }

        private static String date(Message message) {
            return message.getDate() == null
                    ? ""
                    : message.getDate().toInstant().toString();
        }

        private void describe(Message message) {
            metadata.put("from", mailboxes(message.getFrom()));
            metadata.put("to", addresses(message.getTo()));
            metadata.put("cc", addresses(message.getCc()));
            metadata.put("messageId", plain(message.getMessageId()));
            metadata.put("date", date(message));
        }

        private void header(String name, String value) throws IOException {
            if (value != null && !value.isEmpty()) sink.put(name + ": " + value + "\n");
        }

        private void body(Entity entity, int depth) throws IOException {
            if (depth > DEPTH_MAX || sink.isFull()) {
                cut = true;
            } else if (entity.getBody() instanceof Multipart multipart) {
                multipart(entity, multipart, depth);
            } else if (entity.getBody() instanceof Message forwarded) {
                sink.newLine();
                sink.put("\nForwarded message:\n");
                headers(forwarded);
                body(forwarded, depth + 1);
            } else if (entity.getBody() instanceof SingleBody single) {
                if (isText(entity)) text(entity, single);
                else attach(plain(entity.getFilename()));
            }
        }

        /**
         * Of alternatives one is enough: the plain text if it says anything, otherwise the last, which is the richest.
         */
        private void multipart(Entity entity, Multipart multipart, int depth) throws IOException {
            List<Entity> parts = multipart.getBodyParts();
            if (!"multipart/alternative".equals(entity.getMimeType()) || parts.isEmpty()) {
                for (Entity part : parts) body(part, depth + 1);
                return;
            }
            for (Entity part : parts) {
                if ("text/plain".equals(part.getMimeType()) && part.getBody() instanceof SingleBody single) {
                    if (!decode(part, single).isBlank()) {
                        text(part, single);
                        return;
                    }
                }
            }
            body(parts.getLast(), depth + 1);
        }

        private static boolean isText(Entity entity) {
            String type = entity.getMimeType();
            boolean readable = "text/plain".equals(type) || "text/html".equals(type);
            return readable && !"attachment".equalsIgnoreCase(entity.getDispositionType());
        }

        private void text(Entity entity, SingleBody single) throws IOException {
            sink.newLine();
            String text = decode(entity, single);
            if ("text/html".equals(entity.getMimeType())) HtmlReader.write(text, sink);
            else sink.put(text.replace("\r\n", "\n").replace('\r', '\n').replace('\0', ' '));
        }

        private String decode(Entity entity, SingleBody single) throws IOException {
            try (InputStream in = single.getInputStream()) {
                String charset = entity.getHeader().getField("Content-Type") == null ? null : entity.getCharset();
                TextDecoder.Decoded decoded = TextDecoder.decode(in.readAllBytes(), charset);
                metadata.putAll(decoded.metadata());
                cut |= decoded.truncated();
                return decoded.text();
            }
        }

        private void attach(String name) {
            if (attachments.size() < ATTACHMENTS_NAMED_MAX) attachments.add(name.isBlank() ? "unnamed" : name);
        }

        private static String mailboxes(MailboxList list) {
            return list == null
                    ? ""
                    : String.join(", ", list.stream().map(Walk::show).toList());
        }

        private static String addresses(AddressList list) {
            return list == null ? "" : mailboxes(list.flatten());
        }

        private static String show(Mailbox mailbox) {
            String name = plain(mailbox.getName());
            return name.isEmpty() ? mailbox.getAddress() : name + " <" + mailbox.getAddress() + ">";
        }

        private static String plain(String value) {
            return value == null ? "" : value.replaceAll("\\p{Cntrl}+", " ").strip();
        }
    }
}
