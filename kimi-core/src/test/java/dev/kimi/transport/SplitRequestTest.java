package dev.kimi.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.auth.Credentials;
import dev.kimi.service.ServiceRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Everything of a caller's that goes into the head of a request, with what could make two requests of one. */
class SplitRequestTest {

    private static final byte[] NO_BODY = {};

    @ParameterizedTest
    @ValueSource(strings = {"a\rb", "a\nb", "a\0b", "a\r\nx-api-key: b", "\n", "a\r"})
    void values_with_cr_lf_or_nul_are_refused_and_not_shown(String value) {
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

    @ParameterizedTest
    @ValueSource(strings = {"", "x\r\ny", "x\ny", "x\0"})
    void names_of_headers_with_them_are_refused(String name) {
        assertThatThrownBy(() -> Headers.builder().add(name, "a")).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "x y", "x:y", "x\r\ny", "x\0", "é", "(x)", "x\t"})
    void what_is_no_name_is_refused_where_it_is_given(String name) {
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
