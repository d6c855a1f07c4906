package dev.kimi.transport.vertx;

import io.netty.util.NetUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The origins that are connected to directly although there is a proxy: this machine, and those that a list names as
 * {@code NO_PROXY} does. Immutable.
 */
final class DirectHosts {

    /** In a list: this machine is behind the proxy too, as browsers have it. */
    private static final String NOT_LOOPBACK = "<-loopback>";

    private static final Pattern LOOPBACK = Pattern.compile("localhost|.*\\.localhost|127(\\.\\d{1,3}){3}");

    private final List<Predicate<Origin>> rules = new ArrayList<>();

    /**
     * @param entries {@code example.com} for that host and those below it, {@code .example.com} or
     *     {@code *.example.com} for those below it, {@code *} within a name for anything, {@code *} for all hosts, an
     *     address, {@code 10.0.0.0/8} for addresses that the origin's URL names, each with or without a port;
     *     {@code <-loopback>}. What has no meaning is ignored
     */
    DirectHosts(List<String> entries) {
        boolean loopback = true;
        for (String entry : entries) {
            if (entry.strip().equalsIgnoreCase(NOT_LOOPBACK)) {
                loopback = false;
            } else {
                Predicate<Origin> rule = rule(entry);
                if (rule != null) {
                    rules.add(rule);
                }
            }
        }
        if (loopback) {
            rules.add(DirectHosts::isLoopback);
        }
    }

    /** Whether the list would ignore the entry. */
    static boolean isMeaningless(String entry) {
        return !entry.strip().equalsIgnoreCase(NOT_LOOPBACK) && rule(entry) == null;
    }

    boolean contains(Origin origin) {
        return rules.stream().anyMatch(rule -> rule.test(origin));
    }

    private static boolean isLoopback(Origin origin) {
        String host = host(origin);
        return LOOPBACK.matcher(host).matches() || isIn(origin, address("::1"), 128);
    }

    private static @Nullable Predicate<Origin> rule(String entry) {
        String text = entry.strip().toLowerCase(Locale.ROOT);
        int slash = text.indexOf('/');
        if (slash >= 0) {
            return range(text.substring(0, slash), text.substring(slash + 1));
        }
        int colon = text.lastIndexOf(':');
        if (colon > 0 && text.substring(colon + 1).matches("\\d{1,5}") && !isAddress(text)) {
            Predicate<Origin> anyPort = rule(text.substring(0, colon));
            int port = Integer.parseInt(text.substring(colon + 1));
            return anyPort == null ? null : origin -> origin.port() == port && anyPort.test(origin);
        }
        byte @Nullable [] address = address(text);
        if (address != null) {
            return origin -> isIn(origin, address, address.length * 8);
        }
        return text.matches("[\\w.*-]+") ? name(text) : null;
    }

    private static Predicate<Origin> name(String text) {
        if (text.startsWith(".")) {
            return origin -> host(origin).endsWith(text);
        }
        if (text.indexOf('*') >= 0) {
            Pattern glob = Pattern.compile("\\Q" + text.replace("*", "\\E.*\\Q") + "\\E");
            return origin -> glob.matcher(host(origin)).matches();
        }
        return origin -> host(origin).equals(text) || host(origin).endsWith("." + text);
    }

    private static @Nullable Predicate<Origin> range(String from, String length) {
        byte @Nullable [] address = address(from);
        if (address == null || !length.matches("\\d{1,3}") || Integer.parseInt(length) > address.length * 8) {
            return null;
        }
        int bits = Integer.parseInt(length);
        return origin -> isIn(origin, address, bits);
    }

    private static boolean isIn(Origin origin, byte @Nullable [] range, int bits) {
        byte @Nullable [] address = address(origin.host());
        if (address == null || range == null || address.length != range.length) {
            return false;
        }
        for (int bit = 0; bit < bits; bit++) {
            if (((address[bit / 8] ^ range[bit / 8]) >> 7 - bit % 8 & 1) != 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean isAddress(String text) {
        return address(text) != null;
    }

    private static byte @Nullable [] address(String text) {
        String bare = text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
        return NetUtil.createByteArrayFromIpAddressString(bare);
    }

    private static String host(Origin origin) {
        return origin.host().toLowerCase(Locale.ROOT);
    }
}
