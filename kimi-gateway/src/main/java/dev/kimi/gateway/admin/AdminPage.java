package dev.kimi.gateway.admin;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** The files of the page, read at start: those on the list and no others, whatever a path says. */
final class AdminPage {

    private static final List<String> OWN = List.of(
            "index.html",
            "icon.svg",
            "theme.css",
            "admin.css",
            "app.js",
            "api.js",
            "charts.js",
            "dialogs.js",
            "dom.js",
            "format.js",
            "keys.js",
            "panels.js");

    private static final Map<String, String> LIBRARY =
            Map.of("uplot.js", "uPlot.iife.min.js", "uplot.css", "uPlot.min.css");

    private static final Map<String, MediaType> TYPES = Map.of(
            "html", MediaType.parseMediaType("text/html;charset=utf-8"),
            "css", MediaType.parseMediaType("text/css;charset=utf-8"),
            "js", MediaType.parseMediaType("text/javascript;charset=utf-8"),
            "svg", MediaType.parseMediaType("image/svg+xml"));

    private final Map<String, byte[]> files = new HashMap<>();

    AdminPage() {
        try {
            for (String name : OWN) {
                files.put(name, new ClassPathResource("page/" + name, AdminPage.class).getContentAsByteArray());
            }
            for (Map.Entry<String, String> file : LIBRARY.entrySet()) {
                files.put(file.getKey(), library(file.getValue()).getContentAsByteArray());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The admin page is not whole on the class path", e);
        }
    }

    Mono<ServerResponse> file(String name) {
        byte @Nullable [] content = files.get(name);
        if (content == null) {
            throw new AdminProblem(HttpStatus.NOT_FOUND, "There is no such file.");
        }
        MediaType type =
                TYPES.getOrDefault(name.substring(name.lastIndexOf('.') + 1), MediaType.APPLICATION_OCTET_STREAM);
        return ServerResponse.ok().contentType(type).bodyValue(content);
    }

    /** Wherever its version is. */
    private static Resource library(String name) throws IOException {
        Resource[] found = new PathMatchingResourcePatternResolver(AdminPage.class.getClassLoader())
                .getResources("classpath*:META-INF/resources/webjars/uplot/*/dist/" + name);
        if (found.length == 0) {
            throw new IOException("org.webjars.npm:uplot has no " + name);
        }
        return found[0];
    }
}
