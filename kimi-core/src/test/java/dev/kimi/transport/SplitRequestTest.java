package dev.kimi.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.auth.Credentials;
import dev.kimi.service.ServiceRequest;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Everything of a caller's that goes into the head of a request, with what could make two requests of one. */
class SplitRequestTest {

    private static final byte[] NO_BODY = {};

    @ParameterizedTest
    @ValueSource(strings = {"a\rb", "a\nb", "a\0b", "a\r\nx-api-key: b", "\n", "a\r"})
    void values_with_cr_lf_or_nul_are_rejected_and_not_shown(String value) {
        assertThatThrownBy(() -> Headers.builder().add("x-a", value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("x-a")
                .hasMessageNotContaining(value);
        assertThatThrownBy(() -> ServiceRequest.get("/v1/models").header("x-a", value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("x-a")
                .hasMessageNotContaining(value);
        assertThatThrownBy(() -> Credentials.header("x-a", "secret" + value + "secret"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("secret" + value);
        assertThatThrownBy(() -> Credentials.bearer("secret" + value + "secret"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ServiceRequest.get("/v1/models" + value)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void no_control_character_but_a_tab_and_nothing_beyond_latin_1_may_stand_in_a_value() {
        for (char c = 0; c < 0x2000; c++) {
            String value = "a" + c + "b";
            boolean allowed = c == '\t' || c >= ' ' && c <= 0xff && c != 0x7f;
            if (allowed) {
                assertThat(ServiceRequest.get("/v1/models").header("x-a", value).headers())
                        .containsEntry("x-a", value);
                assertThat(sent("x-a", value).headers().first("x-a")).isEqualTo(value);
            } else {
                assertThatThrownBy(() -> ServiceRequest.get("/v1/models").header("x-a", value))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("position 1")
                        .hasMessageNotContaining(value);
                assertThatThrownBy(() -> sent("x-a", value)).isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> Credentials.header("x-a", value)).isInstanceOf(IllegalArgumentException.class);
            }
            if (!allowed || c == ' ' || c == '\t') {
                assertThatThrownBy(() -> ServiceRequest.of(value, "/v1/models", NO_BODY))
                        .isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> ServiceRequest.get("/v1/" + value))
                        .isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> sent(value, "a")).isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "content-length",
                "Transfer-Encoding",
                "CONNECTION",
                "keep-alive",
                "proxy-authorization",
                "Proxy-Connection",
                "host",
                "te",
                "trailer",
                "upgrade",
                "expect",
                "http2-settings"
            })
    void what_frames_a_message_only_the_transport_writes(String name) {
        assertThatThrownBy(() -> ServiceRequest.get("/v1/models").header(name, "1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(name);
        assertThatThrownBy(() -> Credentials.header(name, "secret"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("secret1");
        assertThatThrownBy(() -> sent(name, "1")).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Authorization", "x-api-key", "X-API-Key", "accept-encoding"})
    void what_the_client_says_no_caller_overrides(String name) {
        assertThatThrownBy(() -> ServiceRequest.get("/v1/models").header(name, "1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("written by the client");
    }

    @ParameterizedTest
    @CsvSource({"'G ET', /", "GET, '/ HTTP/1.1'", "GET, '/\n'", "GET, ''", "GET, v1", "GET, /\u010d\u010a"})
    void what_splits_a_request_line_is_rejected_by_the_request_itself(String method, String target) {
        URI origin = URI.create("http://localhost");
        assertThatThrownBy(
                        () -> TransportRequest.builder(method, origin, target).build())
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() ->
                        TransportRequest.builder("GET\r\n", origin, "/\u007f").build())
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x\r\ny", "x\ny", "x\0", "x y", "x:y", "x\u007f", "\u0001"})
    void names_of_headers_with_them_are_rejected(String name) {
        assertThatThrownBy(() -> sent(name, "a")).isInstanceOf(IllegalArgumentException.class);
    }

    private static TransportRequest sent(String name, String value) {
        Headers headers = Headers.builder().add(name, value).build();
        return TransportRequest.builder("GET", URI.create("http://localhost"), "/")
                .headers(headers)
                .build();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "x y", "x:y", "x\r\ny", "x\0", "é", "(x)", "x\t"})
    void what_is_no_name_is_rejected_where_it_is_given(String name) {
        assertThatThrownBy(() -> ServiceRequest.get("/v1/models").header(name, "a"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Credentials.header(name, "secret")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ServiceRequest.of(name, "/v1/models", NO_BODY))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void what_may_stand_there_is_kept() {
        ServiceRequest request =
                ServiceRequest.of("m-search", "/v1/x?y=%0D", NO_BODY).header("X-A_b.1", "é \t~");

        assertThat(request.method()).isEqualTo("M-SEARCH");
        assertThat(request.headers()).containsEntry("x-a_b.1", "é \t~");
        assertThat(Credentials.header("X-Api-Key", " k ").headerValue()).isEqualTo("k");
    }
}
