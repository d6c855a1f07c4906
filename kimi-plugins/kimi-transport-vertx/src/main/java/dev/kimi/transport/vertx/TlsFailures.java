package dev.kimi.transport.vertx;

import dev.kimi.transport.TransportFailure.Kind;
import io.netty.handler.ssl.NotSslRecordException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What an exception of TLS says of the settings. The JDK has no types for most of it, but its alerts have the names of
 * RFC 8446.
 */
final class TlsFailures {

    private static final Pattern ALERT = Pattern.compile("Received fatal alert: ([a-z_]+)");
    private static final Pattern NOTHING_IN_COMMON =
            Pattern.compile("No appropriate protocol|server selected protocol version|No negotiable cipher suite");

    private static final Set<String> CLIENT_CERTIFICATE = Set.of(
            "certificate_required",
            "bad_certificate",
            "unsupported_certificate",
            "certificate_revoked",
            "certificate_expired",
            "certificate_unknown",
            "unknown_ca",
            "access_denied");
    private static final Set<String> NOT_IN_COMMON =
            Set.of("protocol_version", "insufficient_security", "no_application_protocol");

    private static final String SET_CERTIFICATE =
            "Check kimi.transport.ssl-bundle, or what is given to" + " KimiClientBuilder.tls.";
    private static final String NO_COMMON_PROTOCOL = "the server has no protocol or cipher suite in common with this"
            + " client. Check those of the server and of kimi.transport.ssl-bundle.";

    private TlsFailures() {}

    /** A wrong setting with words for it; detail null where there is nothing to add to the kind. */
    record Finding(Kind kind, @Nullable String detail) {}

    /**
     * What is wrong with the settings.
     *
     * @param peer the server's host and port
     * @return null when it is not TLS that failed, or for a reason that may pass
     */
    static @Nullable Finding of(Throwable cause, String peer) {
        String certificate = certificate(cause, peer);
        if (certificate != null) {
            return new Finding(Kind.CERTIFICATE, certificate);
        }
        String mismatch = mismatch(cause, peer);
        return mismatch == null ? null : new Finding(Kind.TLS_MISMATCH, mismatch);
    }

    private static @Nullable String certificate(Throwable cause, String peer) {
        if (TransportFailures.find(cause, CertificateExpiredException.class) != null) {
            return "The TLS certificate of " + peer + " has expired, or that of its issuer. It must be renewed there.";
        }
        if (TransportFailures.find(cause, CertificateNotYetValidException.class) != null) {
            return "The TLS certificate of " + peer + " is not valid yet. Check the clock of this machine.";
        }
        CertificateException certificate = TransportFailures.find(cause, CertificateException.class);
        if (certificate == null && TransportFailures.find(cause, CertPathValidatorException.class) == null) {
            return null;
        }
        // the JDK's check of the host name throws the class itself, and that of the path a subclass
        if (certificate != null && certificate.getClass() == CertificateException.class) {
            return "The TLS certificate of " + peer + " is for another host. Check the address, which must be a name in"
                    + " the certificate.";
        }
        return "The TLS certificate of " + peer + " is not trusted. If its issuer is to be trusted, add that to"
                + " kimi.transport.trust-certificates or to the SSL bundle.";
    }

    private static @Nullable String mismatch(Throwable cause, String peer) {
        String failed = "TLS with " + peer + " failed: ";
        if (TransportFailures.find(cause, NotSslRecordException.class) != null) {
            return failed + "what listens there does not speak it. Check scheme and port of the address.";
        }
        for (Throwable said = TransportFailures.find(cause, SSLException.class); said != null; said = said.getCause()) {
            String message = String.valueOf(said.getMessage());
            Matcher alert = ALERT.matcher(message);
            if (alert.find()) {
                String meaning = meaning(alert.group(1));
                return meaning == null ? null : failed + meaning;
            }
            if (NOTHING_IN_COMMON.matcher(message).find()) {
                return failed + NO_COMMON_PROTOCOL;
            }
        }
        return null;
    }

    /** What a server says with an alert, or null where that may pass. */
    private static @Nullable String meaning(String alert) {
        String said = "TLS alert " + alert + ": ";
        if (alert.equals("certificate_required")) {
            return said + "the server requires a client certificate. " + SET_CERTIFICATE;
        }
        if (CLIENT_CERTIFICATE.contains(alert)) {
            return said + "the server rejected the client certificate, or that there is none. " + SET_CERTIFICATE;
        }
        if (NOT_IN_COMMON.contains(alert)) {
            return said + NO_COMMON_PROTOCOL;
        }
        return switch (alert) {
            case "handshake_failure" ->
                said + "the server has no protocol or cipher suite in common with this client, or requires a client"
                        + " certificate. " + SET_CERTIFICATE;
            case "unrecognized_name" -> said + "the server does not know the host name. Check the address.";
            default -> null;
        };
    }
}
