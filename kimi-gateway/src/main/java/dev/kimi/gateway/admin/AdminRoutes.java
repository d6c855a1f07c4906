package dev.kimi.gateway.admin;

import java.net.URI;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** All paths below {@code /admin}. */
final class AdminRoutes {

    /** The page loads nothing but its own files, runs no script that came in as text, and is in no frame. */
    private static final String POLICY = String.join(
            "; ",
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'");

    private final AdminGate gate;
    private final AdminOverview overview;
    private final AdminWatchers watchers;
    private final AdminKeys keys;
    private final AdminPage page = new AdminPage();

    AdminRoutes(AdminGate gate, AdminOverview overview, AdminWatchers watchers, AdminKeys keys) {
        this.gate = gate;
        this.overview = overview;
        this.watchers = watchers;
        this.keys = keys;
    }

    RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route()
                .GET("/admin", any -> moved())
                .GET("/admin/", any -> page.file("index.html"))
                .path(
                        "/admin",
                        admin -> admin.GET("/page/{file}", request -> page.file(request.pathVariable("file")))
                                .POST("/api/session", gate::login)
                                .GET("/api/session", gate::session)
                                .path(
                                        "/api",
                                        api -> api.DELETE("/session", gate::logout)
                                                .GET("/overview", this::read)
                                                .GET("/events", watchers::watch)
                                                .GET("/keys", keys::list)
                                                .POST("/keys", keys::issue)
                                                .PATCH("/keys/{id}", keys::change)
                                                .DELETE("/keys/{id}", keys::revoke)
                                                .POST("/keys/{id}/rotate", keys::rotate)
                                                .filter(gate::check))
                                .route(RequestPredicates.all(), any -> Mono.error(notFound())))
                .filter(AdminRoutes::guard)
                .build();
    }

    private Mono<ServerResponse> read(ServerRequest request) {
        return AdminJson.response(HttpStatus.OK, overview.read(Integer.MAX_VALUE));
    }

    private static Mono<ServerResponse> moved() {
        return ServerResponse.permanentRedirect(URI.create("/admin/")).build();
    }

    /** Headers and errors of whatever is below. */
    private static Mono<ServerResponse> guard(ServerRequest request, HandlerFunction<ServerResponse> next) {
        HttpHeaders headers = request.exchange().getResponse().getHeaders();
        headers.set("Content-Security-Policy", POLICY);
        headers.set("Cross-Origin-Opener-Policy", "same-origin");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("X-Frame-Options", "DENY");
        headers.setCacheControl("no-store");
        return Mono.defer(() -> next.handle(request))
                .onErrorMap(DataBufferLimitException.class, e -> AdminJson.tooLarge())
                .onErrorResume(AdminProblem.class, AdminJson::problem);
    }

    private static AdminProblem notFound() {
        return new AdminProblem(HttpStatus.NOT_FOUND, "There is nothing at this path of the admin face.");
    }
}
