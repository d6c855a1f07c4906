package dev.kimi.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FirstLineTest {

    @Test
    void without_keys_any_token_does() {
        assertThat(GatewayApplication.use("http://localhost:8787", false))
                .contains("ANTHROPIC_BASE_URL=http://localhost:8787 ANTHROPIC_AUTH_TOKEN='any'")
                .doesNotContain("authorization");
    }

    @Test
    void with_keys_one_of_them_is_needed() {
        assertThat(GatewayApplication.use("http://localhost:8787", true))
                .contains("ANTHROPIC_AUTH_TOKEN='<a key of the gateway>'")
                .contains("-H 'authorization: Bearer <a key of the gateway>'");
    }
}
