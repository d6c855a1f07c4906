package dev.kimi.gateway.face;

import dev.kimi.KimiClient;
import dev.kimi.error.AuthenticationException;
import dev.kimi.error.KimiException;
import dev.kimi.error.PermissionException;
import dev.kimi.error.QuotaExceededException;
import dev.kimi.gateway.call.GatewayCall.Outcome;
import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.gateway.dialect.InboundChat;
import dev.kimi.gateway.key.AdmissionRequest;
import dev.kimi.gateway.key.Gatekeeper.Caller;
import dev.kimi.relay.RelayRequest;
import dev.kimi.relay.RelayResponse;
import dev.kimi.service.ModelCard;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A chat request from its body to the last byte of its response. */
final class ChatFace {

    private final Routes routes;
    private final Pace pace;
    private final long pingNanos;
    private final ForwardedHeaders forwarded;

    ChatFace(Routes routes, Pace pace, GatewayProperties properties) {
        this.routes = routes;
        this.pace = pace;
        this.pingNanos = properties.pingInterval().toNanos();
        this.forwarded = new ForwardedHeaders(properties.forwardHeaders());
    }

    Mono<Void> handle(Inbound in, Caller caller) {
        return in.read(caller).flatMap(chat -> {
            Routes.Route route = routes.of(chat.model());
            in.checkModel(caller, chat.model());
            in.call().admitted(caller.admit(wanted(chat, route)));
            return relay(in, chat, route);
        });
    }

    private static AdmissionRequest wanted(InboundChat chat, Routes.Route route) {
        ModelCard card = route.client().modelCard(route.model());
        return new AdmissionRequest(
                chat.model(), chat.inputTokens(), chat.outputCap(), chat.sessionId(), List.of(card));
    }

    private Mono<Void> relay(Inbound in, InboundChat chat, Routes.Route route) {
        Targets targets = new Targets(target -> forwarded.addTo(chat.formFor(target), in.head()));
        RelayRequest request = RelayRequest.builder(targets::formFor)
                .model(route.model())
                .streamed(chat.streamed())
                .tokens(chat.inputTokens(), chat.outputCap())
                .sessionId(chat.sessionId())
                .build();
        in.call().sent();
        return send(in, chat, route.client(), request, targets);
    }

    private Mono<Void> send(Inbound in, InboundChat chat, KimiClient client, RelayRequest request, Targets targets) {
        return Mono.defer(() -> {
            Sent sent = Sent.of(client, request, pace.timer(), chat.streamed() ? pingNanos : Sent.NO_HURRY);
            return Mono.fromFuture(sent.firstWord(), true)
                    .flatMap(word -> {
                        RelayResponse response = word.response();
                        if (response == null) {
                            return pump(in, chat, sent, targets, null);
                        }
                        responded(in.call(), response, targets);
                        if (response.failure() != null) {
                            return failed(in, response, response.failure());
                        }
                        return chat.streamed() ? pump(in, chat, sent, targets, response) : whole(in, chat, response);
                    })
                    .onErrorMap(failure -> targets.reasonOf(Errors.unwrapped(failure)))
                    .doOnError(KimiException.class, e -> notWorkedOn(in.call(), e))
                    .doFinally(signal -> sent.close());
        });
    }

    private static void notWorkedOn(LiveCall call, KimiException failure) {
        call.attempts(failure.attempts());
        if (!Errors.mayHaveWorked(failure)) {
            call.notReached();
        }
    }

    private static void responded(LiveCall call, RelayResponse response, Targets targets) {
        call.notes(response.notes());
        call.responded(
                response.endpoint(),
                response.model(),
                response.attempts(),
                now -> now.used(response.usage(), targets.cost(response)));
    }

    private Mono<Void> whole(Inbound in, InboundChat chat, RelayResponse response) {
        return Collected.of(response).flatMap(all -> {
            HttpHeaders headers = in.response().getHeaders();
            LiveCall call = in.call();
            if (all.whole() != null) {
                call.notes(all.whole().notes());
            }
            headers.set("content-type", Responses.JSON);
            byte[] body;
            if (response.verbatim()) {
                HeaderRules.copyOfService(response.headers(), headers);
                body = all.bytes();
            } else {
                body = in.dialect().writer(chat, call.id()).whole(java.util.Objects.requireNonNull(all.whole()));
            }
            Responses.origin(headers, response.endpoint(), response.model(), call.notes());
            return Responses.whole(in.response(), call, response.verbatim() ? response.status() : 200, body);
        });
    }

    /** An error response, before any byte of it has gone to the client. */
    private Mono<Void> failed(Inbound in, RelayResponse response, KimiException failure) {
        in.call().outcome(Outcome.FAILED);
        notWorkedOn(in.call(), failure);
        return Collected.of(response).flatMap(all -> {
            HttpHeaders headers = in.response().getHeaders();
            Responses.origin(headers, response.endpoint(), response.model(), response.notes());
            boolean ours = failure instanceof AuthenticationException || failure instanceof PermissionException;
            boolean redirect = response.status() < 400;
            if (!response.verbatim() || ours || redirect) {
                return in.error(Errors.of(
                        failure, ServiceText.of(all.bytes()), in.dialect().protocol()));
            }
            HeaderRules.copyOfService(response.headers(), headers);
            if (failure instanceof QuotaExceededException && !headers.containsHeader("x-should-retry")) {
                headers.set("x-should-retry", "false");
                headers.remove("retry-after");
            } else if (failure.retryAfter() != null && !headers.containsHeader("retry-after")) {
                headers.set("retry-after", GatewayError.seconds(failure.retryAfter()));
            }
            return Responses.whole(in.response(), in.call(), response.status(), all.bytes());
        });
    }

    private Mono<Void> pump(
            Inbound in, InboundChat chat, Sent sent, Targets targets, @Nullable RelayResponse response) {
        ServerHttpResponse out = in.response();
        LiveCall call = in.call();
        out.setStatusCode(HttpStatus.OK);
        call.status(200);
        HttpHeaders headers = out.getHeaders();
        headers.set("content-type", Responses.EVENTS);
        headers.set("cache-control", "no-cache");
        headers.set("x-accel-buffering", "no");
        Writability socket = Writability.of(out);
        StreamPump pump = new StreamPump(
                new StreamPump.Wiring(call, in.dialect(), pace, pingNanos, socket),
                () -> in.dialect().writer(chat, call.id()),
                response == null);
        if (response != null) {
            if (response.verbatim()) {
                HeaderRules.copyOfService(response.headers(), headers);
            }
            Responses.origin(headers, response.endpoint(), response.model(), response.notes());
            pump.attach(response);
        } else {
            attachLater(in, sent, targets, pump);
        }
        return out.writeWith(Flux.from(pump).map(out.bufferFactory()::wrap))
                .doFinally(signal -> pump.cancel())
                .onErrorResume(BrokenOff.class, cut -> socket.abort());
    }

    /** The head is out, with pings behind it: what comes now goes into the stream. */
    private static void attachLater(Inbound in, Sent sent, Targets targets, StreamPump pump) {
        sent.response().whenComplete((late, failure) -> {
            if (failure != null) {
                if (Errors.unwrapped(failure) instanceof KimiException e) {
                    notWorkedOn(in.call(), e);
                }
                pump.fail(failure);
                return;
            }
            responded(in.call(), late, targets);
            KimiException error = late.failure();
            if (error == null) {
                pump.attach(late);
                return;
            }
            notWorkedOn(in.call(), error);
            Collected.of(late)
                    .subscribe(
                            all -> pump.fail(new dev.kimi.gateway.dialect.GatewayException(Errors.of(
                                    error,
                                    ServiceText.of(all.bytes()),
                                    in.dialect().protocol()))),
                            pump::fail);
        });
    }
}
