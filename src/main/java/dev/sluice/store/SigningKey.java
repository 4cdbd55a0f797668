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
    /** Only copies of it are used. */
    private volatile Mac keyed;

    SigningKey(RedisLink redis) {
        this.redis = redis;
    }

    /** 32 hex digits. */
    public String sign(String text) {
        try {
            // A copy has the key scheduled already, and needs no lock.
            Mac mac = (Mac) keyed().clone();
            return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)), 0, SIGNATURE_BYTES);
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("every JDK has an " + ALGORITHM + " that can be copied", e);
        }
    }

    public boolean isSigned(String text, String signature) {
        return MessageDigest.isEqual(
                sign(text).getBytes(StandardCharsets.UTF_8), signature.getBytes(StandardCharsets.UTF_8));
    }

    private Mac keyed() {
        if (keyed == null) {
            try {
                Mac fresh = Mac.getInstance(ALGORITHM);
                fresh.init(new SecretKeySpec(key(), ALGORITHM));
                keyed = fresh;
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every JDK has " + ALGORITHM, e);
            }
        }
        return keyed;
    }

    /** Made once for a Redis, so that every process of a deployment has the same. */
    private byte[] key() {
        var fresh = new byte[32];
        new SecureRandom().nextBytes(fresh);
        redis.send(Command.SETNX, Keys.signingKey(), HexFormat.of().formatHex(fresh));
        return HexFormat.of()
                .parseHex(redis.send(Command.GET, Keys.signingKey()).toString());
    }
}
