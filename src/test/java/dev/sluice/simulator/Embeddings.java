package dev.sluice.simulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.Random;

/** Vectors of length 1, the same for the same text. */
final class Embeddings {
    private Embeddings() {}

    static Buffer of(Question question, int dimensions) {
        int length = question.body().path("dimensions").asInt(dimensions);
        boolean packed = question.body().path("encoding_format").asText().equals("base64");
        ObjectNode json = Question.JSON.createObjectNode().put("object", "list").put("model", question.model());
        var data = json.putArray("data");
        for (String text : question.inputs()) {
            ObjectNode one = data.addObject().put("object", "embedding").put("index", data.size() - 1);
            float[] vector = vector(text, length);
            if (packed) one.put("embedding", packed(vector));
            else for (float value : vector) one.withArray("embedding").add(value);
        }
        json.putObject("usage")
                .put("prompt_tokens", question.inputTokens())
                .put("total_tokens", question.inputTokens());
        return Buffer.buffer(json.toString());
    }

    private static float[] vector(String text, int length) {
        var random = new Random(text.hashCode());
        float[] vector = new float[length];
        double squares = 0;
        for (int i = 0; i < length; i++) {
            vector[i] = (float) random.nextGaussian();
            squares += vector[i] * vector[i];
        }
        for (int i = 0; i < length; i++) vector[i] /= (float) Math.sqrt(squares);
        return vector;
    }

    /** Little-endian floats in base 64, as OpenAI sends them to those who ask. */
    private static String packed(float[] vector) {
        ByteBuffer bytes = ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : vector) bytes.putFloat(value);
        return Base64.getEncoder().encodeToString(bytes.array());
    }
}
