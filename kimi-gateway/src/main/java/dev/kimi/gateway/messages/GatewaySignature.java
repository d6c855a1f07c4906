package dev.kimi.gateway.messages;

import dev.kimi.gateway.hash.Digests;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * What the gateway writes where Claude has the signature of a thinking block, since services behind it that are not
 * Claude have none: clients keep a block that has one, and send it back. It proves nothing; it says whose block it is.
 */
final class GatewaySignature {

    private static final String PREFIX = "kimi:";

    private GatewaySignature() {}

    /** Whether the block came through the gateway from a service that signs nothing. */
    static boolean isOwn(@Nullable String signature) {
        return signature != null && signature.startsWith(PREFIX);
    }

    static String of(String thinking) {
        MessageDigest digest = Digests.sha256();
        digest.update(thinking.getBytes(StandardCharsets.UTF_8));
        return of(digest);
    }

    /** @param digest of the UTF-8 bytes of the thinking; reset by this */
    static String of(MessageDigest digest) {
        return PREFIX + Digests.hex(digest.digest());
    }
}
