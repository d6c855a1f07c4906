package dev.kimi.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.transport.Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BearerChallengeTest {

    private static String lacked(int status, String header) {
        String scope = BearerChallenge.lackedScope(
                status, Headers.builder().add("WWW-Authenticate", header).build());
        return scope == null ? "nothing" : scope;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "Bearer error=\"insufficient_scope\", scope=\"chat files\" | chat files",
                "bearer realm=\"a, b\" , scope = \"chat\",error = insufficient_scope | chat",
                "Bearer error=\"insufficient_scope\" | ``",
                "Basic realm=\"x\", Bearer error=\"insufficient_scope\", scope=\"chat\", Basic scope=\"y\" | chat",
                "Bearer realm=\"a \\\" error=x\", error=\"insufficient_scope\", scope=\"https://a.test/s\" | https://a.test/s",
                "Bearer error=\"insufficient_scope\", scope=\"eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhYmMifQ.c2lnbmF0dXJl\" | ``",
            })
    void the_scope_that_a_token_lacks_is_read(String header, String scope) {
        assertThat(lacked(403, header)).isEqualTo(scope);
        assertThat(lacked(401, header)).isEqualTo(scope);
        assertThat(lacked(400, header)).isEqualTo("nothing");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Bearer",
                "",
                "Bearer error=\"invalid_token\", scope=\"chat\"",
                "Bearer error_description=\"error=insufficient_scope\"",
                "Basic error=\"insufficient_scope\"",
                "insufficient_scope",
                "Bearer error=\"insufficient_scope",
            })
    void nothing_else_is_taken_for_it(String header) {
        assertThat(lacked(401, header)).isEqualTo("nothing");
    }

    @Test
    void a_header_of_any_length_is_read_in_no_time() {
        assertThat(lacked(401, "Bearer a=\"" + "\\a".repeat(100_000))).isEqualTo("nothing");
        assertThat(lacked(401, "= ".repeat(100_000))).isEqualTo("nothing");
    }
}
