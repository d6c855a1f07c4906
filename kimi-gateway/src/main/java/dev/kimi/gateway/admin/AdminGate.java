package dev.kimi.gateway.admin;

import dev.kimi.gateway.admin.AdminSessions.Opened;
import dev.kimi.gateway.admin.AdminSessions.Session;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpCookie;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseCookie;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

/** Lets in who has the token, by bearer or by the cookie of a login. Thread-safe, never blocks. */
final class AdminGate {

    static final String GUARD_HEADER = "x-csrf-token";

    private static final String BEARER = "Bearer ";
    private static final String WRONG = "The token is wrong.";

    private final AdminCredential credential;
    private final AdminSessions sessions;
    private final LoginAttempts attempts;

    AdminGate(AdminCredential credential, AdminSessions sessions, LoginAttempts attempts) {
        this.credential = credential;
        this.sessions = sessions;
        this.attempts = attempts;
    }

    Mono<ServerResponse> login(ServerRequest request) {
        checkOrigin(request);
        return AdminJson.body(request).flatMap(body -> {
            JsonNode token = body.get("token");
            if (token == null || !token.isString()) {
                throw new AdminProblem(HttpStatus.BAD_REQUEST, "The field token is missing.");
            }
            checkToken(request, token.stringValue());
            Opened opened = sessions.open();
            return ServerResponse.ok()
                    .cookie(cookie(request, opened.id(), AdminSessions.LIFETIME))
                    .bodyValue(AdminJson.bytes(
                            new AdminView.Session(opened.session().guard())));
        });
    }

    /** What a page that was loaded anew needs to go on. */
    Mono<ServerResponse> session(ServerRequest request) {
        Session session = find(request);
        if (session == null) {
            throw new AdminProblem(HttpStatus.UNAUTHORIZED, "Nobody is logged in.");
        }
        return AdminJson.response(HttpStatus.OK, new AdminView.Session(session.guard()));
    }

    Mono<ServerResponse> logout(ServerRequest request) {
        String id = cookie(request);
        if (id != null) {
            sessions.close(id);
        }
        return ServerResponse.noContent()
                .cookie(cookie(request, "", Duration.ZERO))
                .build();
    }

    /** Of all requests but the login. */
    Mono<ServerResponse> check(ServerRequest request, HandlerFunction<ServerResponse> next) {
        String authorization = request.headers().firstHeader(HttpHeaders.AUTHORIZATION);
        if (authorization != null) {
            checkBearer(request, authorization);
            return next.handle(request);
        }
        Session session = find(request);
        if (session == null) {
            throw new AdminProblem(
                    HttpStatus.UNAUTHORIZED, "Log in at /admin, or send the admin token as Authorization: Bearer.");
        }
        if (!HttpMethod.GET.equals(request.method())) {
            checkOrigin(request);
            if (!session.guards(request.headers().firstHeader(GUARD_HEADER))) {
                throw new AdminProblem(
                        HttpStatus.FORBIDDEN, "The header " + GUARD_HEADER + " is not that of the session.");
            }
        }
        return next.handle(request);
    }

    /** Whether who has sent the request is still let in. */
    boolean isStillIn(ServerRequest request) {
        return request.headers().firstHeader(HttpHeaders.AUTHORIZATION) != null || find(request) != null;
    }

    private void checkBearer(ServerRequest request, String authorization) {
        if (credential.isOnce()) {
            throw new AdminProblem(
                    HttpStatus.UNAUTHORIZED,
                    "The token of the log is for one login at /admin: set kimi.gateway.admin.token to call the API.");
        }
        boolean bearer = authorization.regionMatches(true, 0, BEARER, 0, BEARER.length());
        checkToken(request, bearer ? authorization.substring(BEARER.length()).strip() : "");
    }

    /** The right token waits as well, or an attempt beyond the limit would still be of use. */
    private void checkToken(ServerRequest request, CharSequence presented) {
        InetSocketAddress from = request.remoteAddress().orElse(null);
        Duration wait = attempts.wait(from);
        if (!wait.isZero()) {
            long seconds = wait.toSeconds() + 1;
            throw new AdminProblem(
                    HttpStatus.TOO_MANY_REQUESTS,
                    "There were " + LoginAttempts.PER_ADDRESS + " wrong tokens from this address: try again in "
                            + seconds + " s.",
                    seconds);
        }
        if (!credential.opens(presented)) {
            attempts.failed(from);
            throw new AdminProblem(HttpStatus.UNAUTHORIZED, WRONG);
        }
    }

    /** What browsers say themselves; other clients send none of it. */
    private static void checkOrigin(ServerRequest request) {
        String site = request.headers().firstHeader("sec-fetch-site");
        if (site != null && !site.equals("same-origin") && !site.equals("none")) {
            throw new AdminProblem(HttpStatus.FORBIDDEN, "The request comes from a page of another origin.");
        }
    }

    private @Nullable Session find(ServerRequest request) {
        String id = cookie(request);
        return id == null ? null : sessions.find(id);
    }

    private static @Nullable String cookie(ServerRequest request) {
        HttpCookie cookie = request.cookies().getFirst(name(request));
        return cookie == null || cookie.getValue().isEmpty() ? null : cookie.getValue();
    }

    private static ResponseCookie cookie(ServerRequest request, String value, Duration lifetime) {
        return ResponseCookie.from(name(request), value)
                .path("/admin")
                .httpOnly(true)
                .secure("https".equals(request.uri().getScheme()))
                .sameSite("Strict")
                .maxAge(lifetime)
                .build();
    }

    /** Browsers keep the cookies of all ports of a host together: instances on one machine differ by name. */
    private static String name(ServerRequest request) {
        InetSocketAddress local = request.exchange().getRequest().getLocalAddress();
        return "kimi-admin-" + (local == null ? 0 : local.getPort());
    }
}
