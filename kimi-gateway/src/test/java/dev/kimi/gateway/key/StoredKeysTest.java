package dev.kimi.gateway.key;

import static dev.kimi.gateway.key.KeyFixture.chat;
import static dev.kimi.gateway.key.KeyFixture.key;
import static dev.kimi.gateway.key.KeyFixture.places;
import static dev.kimi.gateway.key.KeyFixture.rejection;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.chat.Usage;
import dev.kimi.gateway.key.VirtualKey.Limits;
import dev.kimi.gateway.key.VirtualKey.Terms;
import dev.kimi.time.VirtualTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class StoredKeysTest {

    private final VirtualTime time = new VirtualTime(KeyFixture.START);
    private final MemoryStores stores = new MemoryStores();
    private final StoredKeys here = instance(1);
    private final StoredKeys there = instance(2);

    private StoredKeys instance(long seed) {
        return new StoredKeys(stores, KeyFixture.settings(time), RandomGenerator.of("L64X128MixRandom"), Runnable::run);
    }

    private Gatekeeper.Caller identify(StoredKeys keys, char[] characters) {
        return new KeyGatekeeper(keys::ring, time).identify(List.of(characters));
    }

    private static <T> T now(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    @Test
    void an_issued_key_is_valid_here_at_once_and_elsewhere_after_a_reload() {
        IssuedKey issued = now(here.issue(Terms.named("build")));

        assertThat(identify(here, issued.characters()).keyId())
                .isEqualTo(issued.key().id());
        assertThat(rejection(() -> identify(there, issued.characters())).status())
                .isEqualTo(401);
        there.reload();
        assertThat(identify(there, issued.characters()).keyId())
                .isEqualTo(issued.key().id());
    }

    @Test
    void nothing_that_is_kept_or_printed_holds_the_characters_of_a_key() {
        IssuedKey issued = now(here.issue(Terms.named("build")));
        String characters = String.valueOf(issued.characters());

        String all = here.list() + " " + stores.load() + " " + issued + " " + identify(here, issued.characters());

        assertThat(all).doesNotContain(characters.substring(0, characters.length() - KeyText.ENDING));
        assertThat(issued.key().secrets().get(0).ending()).isEqualTo(characters.substring(characters.length() - 4));
    }

    @Test
    void a_revoked_key_is_rejected_here_at_once_and_elsewhere_after_a_reload() {
        IssuedKey issued = now(here.issue(Terms.named("build")));
        there.reload();
        Gatekeeper.Caller before = identify(here, issued.characters());
        Gatekeeper.Caller beforeThere = identify(there, issued.characters());
        Admission running = before.admit(chat(1, 1));

        VirtualKey revoked = now(here.revoke(issued.key().id()));

        assertThat(revoked.revoked()).isNotNull();
        assertThat(revoked.secrets()).isEmpty();
        assertThat(rejection(() -> identify(here, issued.characters())).status())
                .isEqualTo(401);
        assertThat(rejection(() -> before.admit(chat(1, 1))).message()).contains("was revoked");
        running.settle(Usage.NONE, null, true);
        assertThat(here.usage(revoked.id()).inFlight()).isZero();
        assertThat(here.usage(revoked.id()).spentToday()).isPositive();

        beforeThere.admit(chat(1, 1));
        there.reload();
        assertThat(rejection(() -> beforeThere.admit(chat(1, 1))).status()).isEqualTo(401);
        assertThat(now(there.revoke(revoked.id()))).isEqualTo(revoked);
        assertThatThrownBy(() -> now(there.change(revoked.id(), Terms.named("x"))))
                .hasCauseInstanceOf(IllegalStateException.class)
                .hasMessageContaining("was revoked");
    }

    @Test
    void a_rotated_key_has_two_valid_texts_for_the_overlap() {
        IssuedKey old = now(here.issue(Terms.named("build")));

        IssuedKey next = now(here.rotate(old.key().id(), Duration.ofHours(1)));

        assertThat(next.key().id()).isEqualTo(old.key().id());
        identify(here, old.characters());
        identify(here, next.characters());
        IssuedKey last = now(here.rotate(old.key().id(), Duration.ofDays(1)));
        time.advance(Duration.ofHours(1));
        assertThat(rejection(() -> identify(here, old.characters())).status()).isEqualTo(401);
        identify(here, next.characters());
        identify(here, last.characters());
        assertThat(now(here.rotate(old.key().id(), Duration.ZERO)).key().secrets())
                .hasSize(1);
        assertThat(rejection(() -> identify(here, last.characters())).status()).isEqualTo(401);
    }

    @Test
    void a_reload_while_calls_run_forgets_none_of_them() {
        stores.put(key("build", "text", places(1, 0)));
        here.reload();
        Gatekeeper.Caller caller = identify(here, "text".toCharArray());
        Admission running = caller.admit(chat(1, 1));

        stores.put(key("build", "other text", places(2, 0)));
        here.reload();

        caller.admit(chat(1, 1));
        assertThat(rejection(() -> identify(here, "other text".toCharArray()).admit(chat(1, 1)))
                        .message())
                .contains("2 calls in flight");
        assertThat(rejection(() -> identify(here, "text".toCharArray())).status())
                .isEqualTo(401);
        running.settle(Usage.NONE, null, false);
        caller.admit(chat(1, 1));
    }

    @Test
    void a_key_that_is_gone_from_the_store_admits_nobody_and_may_come_back() {
        VirtualKey key = key("build", "text", Limits.NONE);
        stores.put(key);
        here.reload();
        Gatekeeper.Caller caller = identify(here, "text".toCharArray());
        caller.admit(chat(1, 1)).settle(Usage.NONE, null, true);

        stores.remove("build");
        here.reload();

        assertThat(rejection(() -> caller.admit(chat(1, 1))).status()).isEqualTo(401);
        assertThat(rejection(() -> identify(here, "text".toCharArray())).status())
                .isEqualTo(401);
        assertThat(here.list()).isEmpty();
        stores.put(key);
        here.reload();
        identify(here, "text".toCharArray()).admit(chat(1, 1));
        assertThat(here.usage("build").spentToday()).isPositive();
    }

    @Test
    void changed_terms_hold_for_the_next_call() {
        IssuedKey issued = now(here.issue(Terms.named("build")));
        Gatekeeper.Caller caller = identify(here, issued.characters());
        caller.admit(chat(1, 1));

        now(here.change(issued.key().id(), new Terms("renamed", List.of("cheap"), places(1, 0), true, null, null)));

        assertThat(rejection(() -> caller.admit(chat(1, 1))).message()).contains("'renamed'", "1 calls in flight");
        assertThat(caller.mayUse("kimi-k3")).isFalse();
        identify(here, issued.characters());
    }

    @Test
    void what_cannot_be_done_says_why_and_changes_nothing() {
        assertThatThrownBy(() -> now(here.revoke("nobody")))
                .hasCauseInstanceOf(NoSuchElementException.class)
                .hasMessageContaining("no key nobody");
        stores.failWith(new UncheckedIOException("the disk is full", new IOException()));
        assertThatThrownBy(() -> now(here.issue(Terms.named("build")))).hasCauseInstanceOf(UncheckedIOException.class);
        assertThat(here.list()).isEmpty();
        assertThatThrownBy(() -> now(new NoKeys().issue(Terms.named("build"))))
                .hasCauseInstanceOf(IllegalStateException.class)
                .hasMessageContaining("kimi.gateway.keys.file");
    }
}
