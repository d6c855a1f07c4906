package dev.kimi.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.adapter.JdkFlowAdapter;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/** The part of docs/guide.md about Reactor, run. */
@Timeout(60)
class ReactorSnippetsTest {

    private final KimiSimulator service = KimiSimulator.start();
    private final KimiClient kimi =
            KimiClient.builder().baseUrl(service.baseUrl()).apiKey("sk-test").build();
    private final ChatRequest request = ChatRequest.of("Why is the sky blue?");

    @AfterEach
    void stop() {
        kimi.close();
        service.close();
    }

    @Test
    void a_call_for_each_subscription() {
        service.otherwise(Reply.text("Rayleigh scattering."));
        // snippet:reactor
        Mono<ChatResponse> response = Mono.fromFuture(() -> kimi.chatAsync(request));
        Flux<ChatEvent> events = Flux.defer(() -> JdkFlowAdapter.flowPublisherToFlux(kimi.stream(request)));
        // end
        assertThat(service.requests()).isEmpty();
        assertThat(Objects.requireNonNull(response.block()).text()).isEqualTo("Rayleigh scattering.");
        assertThat(events.collectList().block()).hasSizeGreaterThan(2);
        assertThat(events.collectList().block()).hasSizeGreaterThan(2);
        assertThat(service.requests()).hasSize(3);
    }

    @Test
    void a_stream_that_was_cut_is_requested_again_as_a_whole() {
        service.reply(Reply.text("Rayleigh scat").withoutDone(), Reply.text("Rayleigh scattering."));
        Flux<ChatEvent> events = Flux.defer(() -> JdkFlowAdapter.flowPublisherToFlux(kimi.stream(request)));
        // snippet:reactor-again
        Mono<String> whole = events.ofType(ChatEvent.Text.class)
                .map(ChatEvent.Text::value)
                .collect(Collectors.joining())
                .retryWhen(Retry.max(1).filter(TruncatedStreamException.class::isInstance));
        // end
        assertThat(whole.block()).isEqualTo("Rayleigh scattering.");
        assertThat(service.requests()).hasSize(2);
    }
}
