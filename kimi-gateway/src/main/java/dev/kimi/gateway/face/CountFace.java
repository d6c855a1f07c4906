package dev.kimi.gateway.face;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.Tool;
import dev.kimi.gateway.call.GatewayCall.Outcome;
import dev.kimi.gateway.dialect.InboundChat;
import dev.kimi.gateway.key.Admission;
import dev.kimi.gateway.key.AdmissionRequest;
import dev.kimi.gateway.key.Gatekeeper.Caller;
import dev.kimi.relay.RelayForm;
import dev.kimi.relay.RelayTarget;
import dev.kimi.service.ServiceRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import reactor.core.publisher.Mono;

/** How long a prompt is. A session must not fail over that: what cannot be counted is estimated. */
final class CountFace {

    /** Clients wait for the count before they ask; an estimate in time is worth more. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final int TOKENS_OF_A_TOOL = 16;
    private static final int CHARACTERS_OF_A_TOKEN = 3;

    private final Routes routes;
    private final ForwardedHeaders forwarded;

    CountFace(Routes routes, GatewayProperties properties) {
        this.routes = routes;
        this.forwarded = new ForwardedHeaders(properties.forwardHeaders());
    }

    Mono<Void> handle(Inbound in, Caller caller) {
        return in.read(caller).flatMap(chat -> {
            Routes.Route route = routes.of(chat.model());
            in.checkModel(caller, chat.model());
            Admission place = caller.admit(AdmissionRequest.of(chat.sessionId()));
            in.call().admitted(place);
            return Mono.fromFuture(() -> count(in, chat, route))
                    .timeout(PATIENCE)
                    .onErrorResume(failure -> Mono.empty())
                    .defaultIfEmpty(estimate(chat))
                    .flatMap(body -> {
                        in.call().outcome(Outcome.OK);
                        in.response().getHeaders().set("content-type", Responses.JSON);
                        return Responses.whole(in.response(), in.call(), 200, body);
                    });
        });
    }

    private CompletableFuture<byte[]> count(Inbound in, InboundChat chat, Routes.Route route) {
        KimiClient client = route.client();
        RelayForm form = forwarded.addTo(
                chat.formFor(new RelayTarget(
                        client.name(),
                        client.protocol(),
                        client.baseUrl().getHost() == null
                                ? ""
                                : client.baseUrl().getHost(),
                        route.model(),
                        client.modelCard(route.model()))),
                in.head());
        if (form instanceof RelayForm.Translated translated) {
            ChatRequest request =
                    translated.chat().toBuilder().model(route.model()).build();
            long tools = client.protocol().equals(Provenance.OPENAI) ? tokensOf(request.tools()) : 0;
            return client.countTokensAsync(request).thenApply(counted -> json(counted + tools));
        }
        RelayForm.Verbatim verbatim = (RelayForm.Verbatim) form;
        if (!client.protocol().equals(Provenance.ANTHROPIC)) {
            return CompletableFuture.failedFuture(new UnsupportedOperationException());
        }
        ServiceRequest request = ServiceRequest.post(verbatim.path(), verbatim.body());
        for (Map.Entry<String, String> header : verbatim.headers().entrySet()) {
            request = request.header(header.getKey(), header.getValue());
        }
        return client.exchangeAsync(request).thenApply(counted -> counted.body());
    }

    /** What Kimi leaves out of its count, by the rules of the engine's own estimate. */
    private static long tokensOf(List<Tool> tools) {
        long tokens = 0;
        for (Tool tool : tools) {
            long length = (long) tool.name().length()
                    + tool.description().length()
                    + tool.parameters().length();
            tokens += TOKENS_OF_A_TOOL + length / CHARACTERS_OF_A_TOKEN;
        }
        return tokens;
    }

    private static byte[] estimate(InboundChat chat) {
        return json(chat.inputTokens());
    }

    private static byte[] json(long tokens) {
        return ("{\"input_tokens\":" + tokens + "}").getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }
}
