package dev.kimi;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SharedPoolTest {

    @Test
    void clients_of_one_transport_share_its_pool() {
        ClientFixture one = new ClientFixture(body -> ClientFixture.Reply.text("yes"));
        ClientFixture other = new ClientFixture(body -> ClientFixture.Reply.text("yes"));
        try (KimiClient kimi = one.builder().build();
                KimiClient sameTransport = one.builder().name("second").build();
                KimiClient otherTransport = other.builder().build()) {
            assertThat(kimi.sharesPoolWith(sameTransport)).isTrue();
            assertThat(kimi.sharesPoolWith(kimi)).isTrue();
            assertThat(kimi.sharesPoolWith(otherTransport)).isFalse();
        }
    }
}
