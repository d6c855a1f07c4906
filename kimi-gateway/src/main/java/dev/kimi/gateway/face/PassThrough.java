package dev.kimi.gateway.face;

import dev.kimi.KimiClient;
import dev.kimi.chat.Provenance;
import dev.kimi.gateway.call.GatewayCall.Outcome;
import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.gateway.dialect.GatewayException;
import dev.kimi.gateway.key.AdmissionRequest;
import dev.kimi.gateway.key.Gatekeeper.Caller;
import dev.kimi.service.ServiceRequest;
import dev.kimi.service.ServiceStream;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Files and batches: the bytes of both bodies go through as they come, whatever they are. */
final class PassThrough {

    static final List<HttpMethod> METHODS = List.of(HttpMethod.GET, HttpMethod.POST, HttpMethod.DELETE);

    /** One way to write each path: no empty segments, none that begins with a dot, nothing encoded. */
    private static final Pattern PLAIN = Pattern.compile("(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+");

    private final Routes routes;
    private final ForwardedHeaders forwarded;

    PassThrough(Routes routes, GatewayProperties properties) {
        this.routes = routes;
        this.forwarded = new ForwardedHeaders(properties.forwardHeaders());
    }

    /**
     * Paths that go through.
     *
     * @param protocol the protocol that has them, or null for both
     */
    record Area(String prefix, String operation, @Nullable String protocol) {}

    private static final List<Area> AREAS = List.of(
            new Area("/v1/files", "files", null),
            new Area("/v1/messages/batches", "batches", Provenance.ANTHROPIC),
            new Area("/v1/batches", "batches", Provenance.OPENAI));

    static @Nullable Area areaOf(String path) {
        for (Area area : AREAS) {
            if (path.equals(area.prefix()) || path.startsWith(area.prefix() + "/")) {
                return PLAIN.matcher(path).matches() ? area : null;
            }
        }
        return null;
    }

    Mono<Void> handle(Inbound in, Caller caller) {
        KimiClient client = clientFor(in.dialect().protocol());
        if (makesBatch(in) && !caller.isUnrestricted()) {
            throw new GatewayException(GatewayError.of(
                    GatewayError.Kind.PERMISSION,
                    403,
                    "The key is limited to certain models or by a budget, and the gateway sees neither the models nor"
                            + " the cost of a batch. Send its requests one by one."));
        }
        in.call().admitted(caller.admit(AdmissionRequest.of(null)));
        if (in.request().getHeaders().getContentLength() > in.limit()) {
            throw BodyReader.tooLarge(in.limit());
        }
        in.call().sent();
        Upload upload = new Upload(in);
        return Mono.fromFuture(() -> client.exchangeStreamAsync(request(in, upload)))
                .doOnDiscard(ServiceStream.class, ServiceStream::close)
                .onErrorMap(failure -> upload.isTooLarge() ? BodyReader.tooLarge(in.limit()) : failure)
                .flatMap(stream -> handOver(in, client, stream));
    }

    private static boolean makesBatch(Inbound in) {
        return in.request().getMethod().equals(HttpMethod.POST)
                && AREAS.stream()
                        .anyMatch(area -> area.operation().equals("batches")
                                && area.prefix().equals(in.head().path()));
    }

    private static Mono<Void> handOver(Inbound in, KimiClient client, ServiceStream stream) {
        ServerHttpResponse out = in.response();
        LiveCall call = in.call();
        call.responded(client.name(), "", 1, now -> {});
        if (stream.status() == 401 || stream.status() == 403) {
            stream.close();
            call.outcome(Outcome.FAILED);
            return in.error(Errors.ofCredentials(stream.status()));
        }
        out.setStatusCode(HttpStatusCode.valueOf(stream.status()));
        call.status(stream.status());
        HeaderRules.copyOfService(stream.headers(), out.getHeaders());
        out.getHeaders().set("kimi-endpoint", client.name());
        String length = stream.headers().first("content-length");
        if (length != null) {
            out.getHeaders().set("content-length", length);
        }
        Writability socket = Writability.of(out);
        BodyPump pump = new BodyPump(stream, call, socket);
        return out.writeWith(Flux.from(pump).map(out.bufferFactory()::wrap))
                .doFinally(signal -> pump.cancel())
                .onErrorResume(BrokenOff.class, cut -> socket.abort());
    }

    private KimiClient clientFor(String protocol) {
        KimiClient client = protocol.equals(Provenance.ANTHROPIC) ? routes.claude() : routes.defaultClient();
        if (client == null || !client.protocol().equals(protocol)) {
            throw new GatewayException(
                    GatewayError.of(GatewayError.Kind.NOT_FOUND, 404, "No service of this gateway has this path."));
        }
        return client;
    }

    private ServiceRequest request(Inbound in, Upload upload) {
        String query = in.head().query();
        String path = query == null ? in.head().path() : in.head().path() + "?" + query;
        ServiceRequest request = ServiceRequest.of(in.request().getMethod().name(), path, upload.body());
        for (Map.Entry<String, String> header : in.head().headers().entrySet()) {
            String name = header.getKey();
            if (name.equals("content-type")
                    || name.equals("accept")
                    || name.startsWith("anthropic-")
                    || forwarded.names().contains(name)) {
                request = request.header(name, header.getValue());
            }
        }
        return request.errorsAsResponses(true);
    }
}
