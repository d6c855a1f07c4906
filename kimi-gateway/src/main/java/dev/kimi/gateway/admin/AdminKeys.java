package dev.kimi.gateway.admin;

import dev.kimi.gateway.key.IssuedKey;
import dev.kimi.gateway.key.VirtualKey;
import dev.kimi.gateway.key.VirtualKeys;
import dev.kimi.time.TimeSource;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/** Keys are listed, issued, changed, rotated and revoked. Thread-safe, never blocks. */
final class AdminKeys {

    static final int MAX_LISTED = 500;

    private static final Logger LOG = LoggerFactory.getLogger(AdminKeys.class);
    private static final Duration MAX_OVERLAP = Duration.ofDays(30);
    private static final String OVERLAP = "overlapSeconds";

    private final VirtualKeys keys;
    private final TimeSource time;

    AdminKeys(VirtualKeys keys, TimeSource time) {
        this.keys = keys;
        this.time = time;
    }

    /** Those that cost most first, then the newest; those that are revoked last. */
    Mono<ServerResponse> list(ServerRequest request) {
        List<VirtualKey> all = keys.list();
        int more = Math.max(0, all.size() - MAX_LISTED);
        List<AdminView.Key> views = all.stream()
                .map(this::view)
                .sorted(Comparator.comparing((AdminView.Key key) -> key.state().equals("revoked"))
                        .thenComparing(key -> key.usage().spentThisMonth(), Comparator.reverseOrder())
                        .thenComparing(AdminView.Key::created, Comparator.reverseOrder()))
                .limit(MAX_LISTED)
                .toList();
        return AdminJson.response(HttpStatus.OK, new AdminView.Keys(keys.configured(), more, views));
    }

    Mono<ServerResponse> issue(ServerRequest request) {
        return AdminJson.body(request)
                .map(body -> KeyTerms.read(body, null))
                .flatMap(terms -> stage(() -> keys.issue(terms)))
                .doOnNext(issued -> log("issued", issued.key().id()))
                .flatMap(issued -> issued(HttpStatus.CREATED, issued));
    }

    Mono<ServerResponse> change(ServerRequest request) {
        String id = request.pathVariable("id");
        return AdminJson.body(request)
                .map(body -> KeyTerms.read(body, find(id).terms()))
                .flatMap(terms -> stage(() -> keys.change(id, terms)))
                .doOnNext(changed -> log("changed", id))
                .flatMap(changed -> AdminJson.response(HttpStatus.OK, view(changed)));
    }

    Mono<ServerResponse> rotate(ServerRequest request) {
        String id = request.pathVariable("id");
        return AdminJson.body(request)
                .map(AdminKeys::overlap)
                .flatMap(overlap -> stage(() -> keys.rotate(id, overlap)))
                .doOnNext(issued -> log("rotated", id))
                .flatMap(issued -> issued(HttpStatus.OK, issued));
    }

    Mono<ServerResponse> revoke(ServerRequest request) {
        String id = request.pathVariable("id");
        return stage(() -> keys.revoke(id))
                .doOnNext(revoked -> log("revoked", id))
                .flatMap(revoked -> AdminJson.response(HttpStatus.OK, view(revoked)));
    }

    private Mono<ServerResponse> issued(HttpStatus status, IssuedKey issued) {
        char[] secret = issued.characters();
        byte[] once = AdminJson.bytes(Map.of("key", view(issued.key()), "secret", secret));
        Arrays.fill(secret, '\0');
        return ServerResponse.status(status)
                .contentType(MediaType.APPLICATION_JSON)
                .bodyValue(once);
    }

    private VirtualKey find(String id) {
        return keys.list().stream()
                .filter(key -> key.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new AdminProblem(HttpStatus.NOT_FOUND, "There is no key with this id."));
    }

    private AdminView.Key view(VirtualKey key) {
        VirtualKey.Terms terms = key.terms();
        Instant now = time.now();
        return new AdminView.Key(
                key.id(),
                terms.name(),
                state(key, now),
                key.secrets().stream()
                        .filter(secret -> isAfter(secret.expires(), now))
                        .map(VirtualKey.Secret::ending)
                        .toList(),
                key.created().toString(),
                terms.expires() == null ? null : terms.expires().toString(),
                terms.models(),
                terms.limits(),
                keys.usage(key.id()));
    }

    private static String state(VirtualKey key, Instant now) {
        if (key.revoked() != null) {
            return "revoked";
        }
        if (!key.terms().enabled()) {
            return "off";
        }
        if (!isAfter(key.terms().expires(), now)) {
            return "expired";
        }
        Instant notBefore = key.terms().notBefore();
        return notBefore != null && notBefore.isAfter(now) ? "not-yet" : "active";
    }

    private static boolean isAfter(@Nullable Instant end, Instant now) {
        return end == null || end.isAfter(now);
    }

    private static Duration overlap(ObjectNode body) {
        for (String name : body.propertyNames()) {
            if (!name.equals(OVERLAP)) {
                throw new AdminProblem(HttpStatus.BAD_REQUEST, "The only field is " + OVERLAP + ".");
            }
        }
        Duration overlap = Duration.ofSeconds(KeyTerms.count(body.get(OVERLAP), OVERLAP, 0));
        if (overlap.compareTo(MAX_OVERLAP) > 0) {
            throw new AdminProblem(
                    HttpStatus.BAD_REQUEST, OVERLAP + " is at most " + MAX_OVERLAP.toSeconds() + ", which is 30 days.");
        }
        return overlap;
    }

    private static <T> Mono<T> stage(Supplier<CompletionStage<T>> change) {
        return Mono.fromCompletionStage(change)
                .onErrorMap(NoSuchElementException.class, e -> problem(HttpStatus.NOT_FOUND, e))
                .onErrorMap(IllegalStateException.class, e -> problem(HttpStatus.CONFLICT, e))
                .onErrorMap(IllegalArgumentException.class, e -> problem(HttpStatus.BAD_REQUEST, e))
                .onErrorMap(UncheckedIOException.class, e -> problem(HttpStatus.SERVICE_UNAVAILABLE, e));
    }

    private static AdminProblem problem(HttpStatus status, RuntimeException e) {
        return new AdminProblem(status, Objects.requireNonNullElse(e.getMessage(), status.getReasonPhrase()));
    }

    /** Who runs the gateway can follow what was done here. */
    private static void log(String what, String id) {
        LOG.info("Key {} was {} on the admin face", id, what);
    }
}
