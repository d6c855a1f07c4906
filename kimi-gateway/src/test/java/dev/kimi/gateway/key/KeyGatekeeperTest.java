package dev.kimi.gateway.key;

import static dev.kimi.gateway.key.KeyFixture.key;
import static dev.kimi.gateway.key.KeyFixture.rejection;
import static dev.kimi.gateway.key.KeyFixture.secret;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.gateway.key.VirtualKey.Limits;
import dev.kimi.gateway.key.VirtualKey.Terms;
import dev.kimi.time.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyGatekeeperTest {

    private final VirtualTime time = new VirtualTime(KeyFixture.START);
    private final AtomicReference<KeyRing> ring = new AtomicReference<>(KeyRing.EMPTY);
    private final KeyGatekeeper gatekeeper = new KeyGatekeeper(ring::get, time);

    private void keys(VirtualKey... keys) {
        Map<String, KeyMeter> meters = Stream.of(keys)
                .collect(Collectors.toMap(VirtualKey::id, key -> new KeyMeter(key, KeyFixture.settings(time))));
        ring.set(new KeyRing(List.of(keys), meters));
    }

    private Gatekeeper.Caller identify(String... presented) {
        return gatekeeper.identify(Stream.of(presented).map(String::toCharArray).toList());
    }

    private GatewayError rejected(String... presented) {
        GatewayError error = rejection(() -> identify(presented));
        assertThat(error.status()).isEqualTo(401);
        assertThat(error.kind()).isEqualTo(GatewayError.Kind.AUTHENTICATION);
        return error;
    }

    @Test
    void a_key_is_known_by_its_characters() {
        keys(key("one", "kimi-sk-one", Limits.NONE), key("two", "kimi-sk-two", Limits.NONE));

        assertThat(identify("kimi-sk-two").keyId()).isEqualTo("two");
        assertThat(identify("kimi-sk-one", "kimi-sk-one").keyId()).isEqualTo("one");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "k", "kimi-sk-on", "kimi-sk-one ", "KIMI-SK-ONE", "kimi-sk-two", "\ud800", "sk-ant-api03"})
    void every_other_key_gets_the_same_words(String presented) {
        keys(key("one", "kimi-sk-one", Limits.NONE));

        assertThat(rejected(presented)).isEqualTo(rejected("never issued"));
        assertThat(rejected(presented).message()).doesNotContain("never issued");
        assertThat(rejected("kimi-sk-one", presented)).isEqualTo(rejected("never issued"));
        assertThat(rejected(presented, "kimi-sk-one")).isEqualTo(rejected("never issued"));
    }

    @Test
    void a_very_long_key_is_an_unknown_one() {
        keys(key("one", "kimi-sk-one", Limits.NONE));

        assertThat(rejected("k".repeat(100_000))).isEqualTo(rejected("never issued"));
    }

    @Test
    void both_headers_must_be_of_one_key() {
        keys(key("one", "kimi-sk-one", Limits.NONE), key("two", "kimi-sk-two", Limits.NONE));

        assertThat(rejected("kimi-sk-one", "kimi-sk-two").message()).contains("not of one client");
        assertThat(rejected().message()).contains("No key", "x-api-key");
    }

    @Test
    void two_secrets_of_a_rotated_key_are_of_one_key_until_the_old_one_ends() {
        VirtualKey key = key("one", Limits.NONE);
        Instant end = KeyFixture.START.plus(Duration.ofHours(1));
        keys(new VirtualKey(
                "one", key.terms(), List.of(secret("old", end), secret("new", null)), KeyFixture.START, null));

        assertThat(identify("old", "new").keyId()).isEqualTo("one");
        time.advance(Duration.ofHours(1));
        assertThat(rejected("old")).isEqualTo(rejected("never issued"));
        assertThat(identify("new").keyId()).isEqualTo("one");
    }

    @Test
    void a_key_says_to_its_owner_why_it_is_not_valid() {
        keys(
                with("off", terms(false, null, null)),
                with("early", terms(true, Instant.parse("2027-01-01T00:00:00Z"), null)),
                with("late", terms(true, null, Instant.parse("2026-11-27T22:00:00Z"))));

        assertThat(rejected("off").message()).contains("'name' is turned off");
        assertThat(rejected("early").message()).contains("not valid before 2027-01-01T00:00:00Z");
        assertThat(rejected("late").message()).contains("expired at 2026-11-27T22:00:00Z");
    }

    @Test
    void what_is_presented_is_not_kept_and_not_changed() {
        keys(key("one", "kimi-sk-one", Limits.NONE));
        char[] presented = "kimi-sk-one".toCharArray();

        Gatekeeper.Caller caller = gatekeeper.identify(new ArrayList<>(List.of(presented)));

        assertThat(presented).isEqualTo("kimi-sk-one".toCharArray());
        assertThat(caller.toString()).doesNotContain("kimi-sk-one");
    }

    private static Terms terms(boolean enabled, @Nullable Instant notBefore, @Nullable Instant expires) {
        return new Terms("name", List.of(), Limits.NONE, enabled, notBefore, expires);
    }

    private static VirtualKey with(String presented, Terms terms) {
        return new VirtualKey(presented, terms, List.of(secret(presented, null)), KeyFixture.START, null);
    }
}
