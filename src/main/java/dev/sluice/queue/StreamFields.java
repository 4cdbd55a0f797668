package dev.sluice.queue;

import io.vertx.redis.client.Response;
import java.util.HashMap;
import java.util.Map;

/** The fields of one stream entry. A field that is missing reads as empty text. */
record StreamFields(Map<String, String> values) {

    /** @param flat field, value, field, value, …; null for an entry that was removed */
    static StreamFields of(Response flat) {
        var values = new HashMap<String, String>();
        for (int i = 0; flat != null && i + 1 < flat.size(); i += 2) {
            values.put(flat.get(i).toString(), flat.get(i + 1).toString());
        }
        return new StreamFields(values);
    }

    boolean isEmpty() {
        return values.isEmpty();
    }

    String text(String name) {
        return values.getOrDefault(name, "");
    }

    /** @throws NumberFormatException when the field is missing or not a number */
    long number(String name) {
        return Long.parseLong(text(name));
    }
}
