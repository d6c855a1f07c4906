package dev.kimi.starter.autoconfigure;

import static dev.kimi.starter.autoconfigure.KimiAutoConfigurationTest.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.error.ConfigurationException;
import dev.kimi.event.CallObserver;
import dev.kimi.starter.KimiClientCustomizer;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Where calls of a client go on, by settings alone. */
class FailoverSettingsTest {

    private static final String MESSAGE = "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\","
            + "\"model\":\"claude-sonnet-5-5\",\"content\":[{\"type\":\"text\",\"text\":\"blue\"}],"
            + "\"stop_reason\":\"end_turn\",\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}";

    private final Services services = new Services();

    private final ApplicationContextRunner contexts = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(KimiAutoConfiguration.class))
            .withBean(Transport.class, () -> services)
            .withPropertyValues(
                    "kimi.retry.preset=never",
                    "kimi.clients.claude.api-key=sk-ant",
                    "kimi.clients.claude.protocol=anthropic",
                    "kimi.clients.claude.model=claude-sonnet-5-5");

    /** Kimi is out of balance, and Claude responds. */
    private static final class Services implements Transport {

        private final List<TransportRequest> sent = new CopyOnWriteArrayList<>();

        @Override
        public Exchange send(TransportRequest request, ExchangeHandler handler) {
            sent.add(request);
            boolean claude = request.origin().getHost().contains("anthropic");
            String body = claude ? MESSAGE : "{\"error\":{\"type\":\"exceeded_current_quota_error\"}}";
            CompletableFuture.runAsync(() -> handler.onHeaders(
                    claude ? 200 : 429,
                    Headers.builder().add("content-type", "application/json").build()));
            AtomicBoolean responded = new AtomicBoolean();
            return new Exchange() {
                @Override
                public void request(long chunks) {
                    if (responded.compareAndSet(false, true)) {
                        CompletableFuture.runAsync(() -> {
                            handler.onBody(ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)));
                            handler.onComplete(Headers.empty());
                        });
                    }
                }

                @Override
                public void abort() {}
            };
        }

        @Override
        public void close() {}
    }

    @Test
    void a_call_goes_on_at_the_client_that_is_named_under_the_name_that_the_model_has_there() {
        contexts.withPropertyValues(
                        "kimi.api-key=sk-one",
                        "kimi.api-keys=sk-two,sk-three",
                        "kimi.failover=claude",
                        "kimi.models[kimi-k3.1-pro]=claude-opus-5")
                .run(context -> {
                    KimiClient kimi = context.getBean("kimiClient", KimiClient.class);

                    ChatResponse response = kimi.chat(ChatRequest.builder()
                            .model("kimi-k3.1-pro")
                            .user("Why?")
                            .build());

                    assertThat(response.endpoint()).isEqualTo("claude");
                    assertThat(services.sent)
                            .extracting(sent -> sent.headers().first("authorization"))
                            .containsExactly("Bearer sk-one", "Bearer sk-two", "Bearer sk-three", null);
                    TransportRequest last = services.sent.get(3);
                    assertThat(last.headers().first("x-api-key")).isEqualTo("sk-ant");
                    assertThat(new String(last.body().bytes(), StandardCharsets.UTF_8))
                            .contains("\"model\":\"claude-opus-5\"");
                });
    }

    @Test
    void the_share_of_hedged_streams_reaches_the_client() {
        contexts.withPropertyValues("kimi.api-key=sk-one", "kimi.failover=claude", "kimi.hedging=0.05")
                .withBean(
                        "kimi",
                        KimiClientCustomizer.class,
                        () -> builder ->
                                assertThat(builder).extracting("hedging").isEqualTo(0.05))
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void keys_alone_make_a_default_client_beside_named_ones() {
        contexts.withPropertyValues("kimi.api-keys[0]=sk-one")
                .run(context -> assertThat(context).hasBean("kimiClient"));
    }

    @Test
    void a_named_client_has_a_list_of_its_own_and_not_that_of_the_top_level() {
        contexts.withPropertyValues("kimi.api-key=sk-one", "kimi.failover=claude")
                .run(context -> assertThat(context).hasNotFailed());
        contexts.withPropertyValues("kimi.api-key=sk-one", "kimi.clients.claude.failover=default")
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void a_client_that_is_not_set_stops_the_start_with_the_names_there_are() {
        contexts.withPropertyValues("kimi.api-key=sk-one", "kimi.failover=cloud")
                .run(context -> {
                    ConfigurationException failure = failure(context.getStartupFailure());
                    assertThat(failure.setting()).isEqualTo("kimi.failover");
                    assertThat(failure.problem()).contains("cloud");
                    assertThat(failure.fix()).contains("claude");
                });
    }

    @Test
    void customizers_of_the_other_client_shape_its_endpoint_too_and_listeners_are_those_of_the_client_called() {
        List<String> calls = new CopyOnWriteArrayList<>();
        contexts.withPropertyValues("kimi.api-key=sk-one", "kimi.failover=claude")
                .withBean(
                        "claude",
                        KimiClientCustomizer.class,
                        () -> builder -> builder.model("claude-opus-5-5").listener(call -> {
                            calls.add(call.client());
                            return CallObserver.NONE;
                        }))
                .run(context -> {
                    ChatResponse response =
                            context.getBean("kimiClient", KimiClient.class).chat(ChatRequest.of("Why?"));

                    assertThat(response.endpoint()).isEqualTo("claude");
                    assertThat(new String(services.sent.get(1).body().bytes(), StandardCharsets.UTF_8))
                            .contains("\"model\":\"claude-opus-5-5\"");
                    assertThat(calls).isEmpty();
                    context.getBean("claudeKimiClient", KimiClient.class).chat(ChatRequest.of("Why?"));
                    assertThat(calls).containsExactly("claude");
                });
    }

    @Test
    void what_is_wrong_with_the_other_client_is_named_as_it_is_written() {
        contexts.withPropertyValues(
                        "kimi.api-key=sk-one", "kimi.failover=second", "kimi.clients.second.protocol=anthropic")
                .withPropertyValues("kimi.clients.second.api-key=sk-two")
                .run(context -> {
                    ConfigurationException failure = failure(context.getStartupFailure());
                    assertThat(failure.setting()).isEqualTo("kimi.clients.second.model");
                    assertThat(failure.problem())
                            .startsWith("Client 'second': ")
                            .contains("api.anthropic.com");
                });
    }

    @Test
    void a_model_that_is_retired_at_the_other_client_stops_the_start_with_the_setting_that_names_it() {
        contexts.withPropertyValues(
                        "kimi.api-key=sk-one",
                        "kimi.failover=claude",
                        "kimi.clients.claude.models[kimi-k3]=kimi-thinking-preview")
                .run(context -> assertThat(failure(context.getStartupFailure()).setting())
                        .isEqualTo("kimi.clients.claude.models[kimi-k3]"));
        contexts.withPropertyValues(
                        "kimi.api-key=sk-one", "kimi.failover=claude", "kimi.models[kimi-k3]=kimi-thinking-preview")
                .run(context -> assertThat(failure(context.getStartupFailure()).setting())
                        .isEqualTo("kimi.models[kimi-k3]"));
    }

    @Test
    void keys_are_secrets_however_they_are_written() {
        assertThat(List.of("kimi.api-keys", "kimi.api-keys[0]", "KIMI_APIKEYS_0", "kimi.clients.claude.api-keys[1]"))
                .allMatch(SecretSettings::isHidden)
                .allMatch(SecretSettings::isSecret);
        assertThat(SecretSettings.isHidden("kimi.failover")).isFalse();
    }
}
