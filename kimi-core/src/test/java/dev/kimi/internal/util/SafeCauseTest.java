package dev.kimi.internal.util;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.transport.TransportFailure;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SafeCauseTest {

    private static final String MARKER = "canarybird";

    static Stream<Throwable> withBytes() {
        IOException suppressing = new IOException("connection reset");
        suppressing.addSuppressed(new IllegalStateException(MARKER));
        return Stream.of(
                new IllegalArgumentException("invalid version format: " + MARKER),
                new NumberFormatException("For input string: \"" + MARKER + "\""),
                new NumberFormatException("For input string: \"200\""),
                new IOException("not an SSL/TLS record: 63616e61727962697264"),
                new SSLHandshakeException("used with certificate: CN=" + MARKER),
                new CertificateException("No name matching " + MARKER + " found in " + MARKER),
                new IOException("No name matching " + MARKER + " found"),
                new IOException("connection reset", new IllegalStateException(MARKER)),
                new UnknownHostException("kimi.test").initCause(new IllegalStateException(MARKER)),
                suppressing);
    }

    @ParameterizedTest
    @MethodSource("withBytes")
    void bytes_of_the_wire_are_left_out_wherever_they_stand(Throwable thrown) {
        Throwable safe = SafeCause.of(thrown);

        assertThat(safe).isNotNull().isNotSameAs(thrown);
        assertThat(printed(safe))
                .doesNotContain(MARKER, "63616e", "\"200\"")
                .contains(thrown.getClass().getName());
        assertThat(safe.getStackTrace()).isEqualTo(thrown.getStackTrace());
        assertThat(TransportFailure.of(TransportFailure.Kind.PROTOCOL, false, thrown)
                        .cause())
                .isInstanceOf(SafeCause.class);
    }

    static Stream<Throwable> harmless() {
        return Stream.of(
                new ConnectException("Connection refused: kimi.test/127.0.0.1:8080"),
                new UnknownHostException("kimi.test"),
                new SocketException("Connection reset"),
                new IOException("Broken pipe"),
                new IOException((String) null),
                new SSLHandshakeException("PKIX path building failed: sun.security.provider.certpath"
                        + ".SunCertPathBuilderException: unable to find valid certification path to requested target"),
                new CertificateException("No subject alternative DNS name matching api.kimi.test found."),
                new CertificateException("No subject alternative names matching IP address 10.0.0.1 found"),
                new CertificateException("No name matching api.kimi.test found"),
                new SSLHandshakeException("(certificate_unknown) No name matching api.kimi.test found"),
                new SSLHandshakeException("PKIX path validation failed: java.security.cert.CertPathValidatorException:"
                                + " validity check failed")
                        .initCause(new CertificateExpiredException("NotAfter: Thu Jan 01 00:00:00 UTC 2026")),
                new SSLHandshakeException("Received fatal alert: handshake_failure"));
    }

    @ParameterizedTest
    @MethodSource("harmless")
    void what_helps_an_operator_stays_as_it_is(Throwable thrown) {
        assertThat(SafeCause.of(thrown)).isSameAs(thrown);
    }

    @Test
    void the_harmless_words_of_a_message_stay() {
        assertThat(SafeCause.of(new IllegalArgumentException("invalid version format: " + MARKER)))
                .hasMessage("java.lang.IllegalArgumentException: invalid version format: …");
        assertThat(SafeCause.of(new NumberFormatException("For input string: \"7\"")))
                .hasMessage("java.lang.NumberFormatException");
        assertThat(SafeCause.of(null)).isNull();
    }

    @Test
    void causes_in_a_circle_come_to_an_end() {
        IOException one = new IOException(MARKER);
        IOException other = new IOException(MARKER, one);
        one.initCause(other);

        assertThat(printed(SafeCause.of(other))).doesNotContain(MARKER);
    }

    @Test
    void a_long_chain_is_cut() {
        Throwable chain = new IOException(MARKER);
        for (int i = 0; i < 10_000; i++) {
            chain = new IOException("closed", chain);
        }

        assertThat(printed(SafeCause.of(chain))).doesNotContain(MARKER);
    }

    private static String printed(Throwable thrown) {
        StringWriter out = new StringWriter();
        thrown.printStackTrace(new PrintWriter(out));
        return out.toString();
    }
}
