package dev.kimi.internal.util;

import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Stands in for an exception whose message may repeat bytes of a connection, such as "invalid version format: …" or
 * "For input string: …". It keeps the class name, the stack trace, and what {@link ErrorTextRedactor} lets through of
 * the message. Exceptions that can be shown as they are stay themselves: those of types that speak only of addresses
 * and time, and those whose messages hold nothing but the vocabulary of errors.
 */
public final class SafeCause extends Exception {

    private static final long serialVersionUID = 1L;

    private static final String OWN = "dev.kimi.";
    private static final Pattern HOST_LOOKED_FOR =
            Pattern.compile("(?<=(name|names) matching )(IP address )?[\\w.:-]{1,255}(?= found)");
    private static final int DEEPEST = 16;

    /** What these say comes from this machine, or is a date: an address, a host that was looked up, a limit. */
    private static final List<Class<?>> TRUSTED = List.of(
            ConnectException.class,
            NoRouteToHostException.class,
            PortUnreachableException.class,
            UnknownHostException.class,
            InterruptedIOException.class,
            ClosedChannelException.class,
            UnresolvedAddressException.class,
            CertificateExpiredException.class,
            CertificateNotYetValidException.class,
            CancellationException.class,
            RejectedExecutionException.class,
            TimeoutException.class);

    private static final List<String> PACKAGES =
            List.of("java.", "io.netty.channel.", "io.netty.resolver.", "io.vertx.core.");

    private SafeCause(Throwable original, @Nullable Throwable cause) {
        super(describe(original), cause);
        setStackTrace(original.getStackTrace());
    }

    /** The exception itself where all of it can be shown, else one that stands in for it; null for null. */
    public static @Nullable Throwable of(@Nullable Throwable thrown) {
        return thrown == null || isSafe(thrown, identitySet()) ? thrown : copy(thrown, identitySet());
    }

    private static boolean isSafe(@Nullable Throwable thrown, Set<Throwable> seen) {
        if (thrown == null || !seen.add(thrown)) {
            return true;
        }
        boolean safe = seen.size() <= DEEPEST && isSafe(thrown.getCause(), seen) && speaksSafely(thrown);
        for (Throwable suppressed : thrown.getSuppressed()) {
            safe = safe && isSafe(suppressed, seen);
        }
        return safe;
    }

    private static @Nullable Throwable copy(@Nullable Throwable thrown, Set<Throwable> seen) {
        if (thrown == null || !seen.add(thrown) || seen.size() > DEEPEST) {
            return null;
        }
        SafeCause copy = new SafeCause(thrown, copy(thrown.getCause(), seen));
        for (Throwable suppressed : thrown.getSuppressed()) {
            Throwable other = copy(suppressed, seen);
            if (other != null) {
                copy.addSuppressed(other);
            }
        }
        return copy;
    }

    private static Set<Throwable> identitySet() {
        return Collections.newSetFromMap(new IdentityHashMap<>());
    }

    private static boolean speaksSafely(Throwable thrown) {
        if (isTrusted(thrown)) {
            return true;
        }
        String type = thrown.getClass().getName();
        String message = thrown.getMessage();
        if (message == null) {
            return thrown.toString().equals(type);
        }
        // a number that could not be read is quoted, however short it is
        return !(thrown instanceof NumberFormatException)
                && thrown.toString().equals(type + ": " + message)
                && ErrorTextRedactor.isHarmless(withoutOurHost(thrown, message));
    }

    /** The check of a certificate's name says which host it looked for: the one that the caller asked for. */
    private static String withoutOurHost(Throwable thrown, String message) {
        boolean ofCheck = thrown instanceof CertificateException || thrown instanceof SSLException;
        return ofCheck ? HOST_LOOKED_FOR.matcher(message).replaceAll("localhost") : message;
    }

    /** By type and by whose it is: a subclass for proxies quotes the proxy. */
    private static boolean isTrusted(Throwable thrown) {
        String type = thrown.getClass().getName();
        return type.startsWith(OWN)
                || PACKAGES.stream().anyMatch(type::startsWith)
                        && TRUSTED.stream().anyMatch(trusted -> trusted.isInstance(thrown));
    }

    private static String describe(Throwable original) {
        String type = original.getClass().getName();
        String message = original.getMessage();
        if (message != null && !isTrusted(original)) {
            message = original instanceof NumberFormatException ? null : ErrorTextRedactor.of(message);
        }
        return message == null ? type : type + ": " + message;
    }
}
