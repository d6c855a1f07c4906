package dev.kimi.gateway.messages;

import dev.kimi.gateway.hash.Digests;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * Ids of tool calls towards clients. Kimi counts the calls of a response, so that its ids return in the next one, and
 * writes dots and colons into some of them: clients that keep calls by id mix them up, and Claude rejects a
 * conversation that has them. Such an id is written with the response that it comes from, in letters that Claude takes,
 * and turned back into Kimi's own when it returns. Others stay as they are.
 */
final class CallIds {

    private static final String PREFIX = "kimi-";
    private static final int TAG = 8;
    private static final char ESCAPE = '-';
    private static final Pattern LAWFUL = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final Pattern COUNTED = Pattern.compile("(?!call_|toolu_)(.*_)?[0-9]{1,6}");
    private static final Pattern OURS =
            Pattern.compile(PREFIX + "[0-9a-f]{" + TAG + "}-(?:[A-Za-z0-9_]|-[0-9a-f]{2})*");

    private final String tag;

    /** @param requestId distinguishes the response */
    CallIds(String requestId) {
        this.tag = Digests.of(requestId).substring(0, TAG);
    }

    /**
     * The id for the client.
     *
     * @param id the service's, empty when it gave none
     * @param index which call of the response
     */
    String outward(String id, int index) {
        if (id.isEmpty()) {
            return "toolu_" + tag + "_" + index;
        }
        boolean fine = LAWFUL.matcher(id).matches()
                && !COUNTED.matcher(id).matches()
                && !OURS.matcher(id).matches();
        return fine ? id : PREFIX + tag + "-" + escaped(id);
    }

    /** The id for the service: its own where it was turned, any other as it is. */
    static String inward(String id) {
        if (!OURS.matcher(id).matches()) {
            return id;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(id.length());
        for (int i = PREFIX.length() + TAG + 1; i < id.length(); i++) {
            if (id.charAt(i) == ESCAPE) {
                bytes.write(HexFormat.fromHexDigits(id, i + 1, i + 3));
                i += 2;
            } else {
                bytes.write(id.charAt(i));
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static String escaped(String id) {
        StringBuilder out = new StringBuilder(id.length() + 8);
        for (byte b : id.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            if (c == '_' || c < 0x80 && Character.isLetterOrDigit(c)) {
                out.append(c);
            } else {
                out.append(ESCAPE).append(HexFormat.of().toHexDigits(b));
            }
        }
        return out.toString();
    }
}
