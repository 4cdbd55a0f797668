package dev.sluice.store;

import dev.sluice.queue.Keys;
import dev.sluice.queue.RedisLink;
import io.vertx.redis.client.Command;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signs what goes out and comes back: links for people, tokens of deferred steps, marks of secrets. */
@ApplicationScoped
public class SigningKey {
    private static final String ALGORITHM = "HmacSHA256";

    /** 16 bytes of the signature: nobody guesses 2^128. */
    private static final int SIGNATURE_BYTES = 16;

    private final RedisLink redis;
    private volatile byte[] key;

    SigningKey(RedisLink redis) {
        this.redis = redis;
    }

    /** 32 hex digits. */
    public String sign(String text) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key(), ALGORITHM));
            return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)), 0, SIGNATURE_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }

    public boolean isSigned(String text, String signature) {
        return MessageDigest.isEqual(
                sign(text).getBytes(StandardCharsets.UTF_8), signature.getBytes(StandardCharsets.UTF_8));
    }

    /** Made once for a Redis, so that every process of a deployment has the same. */
    private byte[] key() {
        if (key == null) {
            var fresh = new byte[32];
            new SecureRandom().nextBytes(fresh);
            redis.send(Command.SETNX, Keys.signingKey(), HexFormat.of().formatHex(fresh));
            key = HexFormat.of()
                    .parseHex(redis.send(Command.GET, Keys.signingKey()).toString());
        }
        return key;
    }
}
