package dev.kimi.gateway.face;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.gateway.dialect.InboundHead;
import org.junit.jupiter.api.Test;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;

class HeaderRulesTest {

    @Test
    void credentials_of_both_headers_are_taken_and_go_no_further() {
        MockServerHttpRequest request = MockServerHttpRequest.post("/v1/messages?beta=true")
                .header("Authorization", "bearer one")
                .header("X-Api-Key", " two ")
                .header("Cookie", "three")
                .header("Anthropic-Beta", "a", "b")
                .build();

        InboundHead head = HeaderRules.head(request);

        assertThat(HeaderRules.credentials(request)).extracting(String::new).containsExactly("one", "two");
        assertThat(head.headers()).containsOnlyKeys("anthropic-beta").containsEntry("anthropic-beta", "a, b");
        assertThat(head.path()).isEqualTo("/v1/messages");
        assertThat(head.query()).isEqualTo("beta=true");
    }
}
