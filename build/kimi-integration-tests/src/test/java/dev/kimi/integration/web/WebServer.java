package dev.kimi.integration.web;

import dev.kimi.test.KimiSimulator;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/** An application with a web server on a free port of the loopback address, whose service is a simulator. */
final class WebServer implements AutoCloseable {

    /** The two stacks of Spring. */
    enum Stack {
        MVC(WebApplicationType.SERVLET),
        WEBFLUX(WebApplicationType.REACTIVE);

        private final WebApplicationType type;

        Stack(WebApplicationType type) {
            this.type = type;
        }
    }

    private static final List<String> SECURITY = List.of(
            "org.springframework.boot.security.autoconfigure.SecurityAutoConfiguration",
            "org.springframework.boot.security.autoconfigure.UserDetailsServiceAutoConfiguration",
            "org.springframework.boot.security.autoconfigure.ReactiveUserDetailsServiceAutoConfiguration",
            "org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration",
            "org.springframework.boot.security.autoconfigure.web.servlet.SecurityFilterAutoConfiguration",
            "org.springframework.boot.security.autoconfigure.web.reactive.ReactiveWebSecurityAutoConfiguration");

    private final HttpClient browser =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final WebServerApplicationContext context;

    private WebServer(WebServerApplicationContext context) {
        this.context = context;
    }

    static WebServer start(Stack stack, KimiSimulator service, Class<?> controllers, String... properties) {
        return start(stack, service, List.of(controllers), properties);
    }

    static WebServer start(Stack stack, KimiSimulator service, List<Class<?>> beans, String... properties) {
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=0",
                "--server.address=127.0.0.1",
                "--spring.main.banner-mode=off",
                // the other tests of this module need a server with security
                "--spring.autoconfigure.exclude=" + String.join(",", SECURITY),
                "--kimi.api-key=sk-secret",
                "--kimi.base-url=" + service.baseUrl(),
                "--kimi.retry.preset=never"));
        for (String property : properties) {
            arguments.add("--" + property);
        }
        return new WebServer((WebServerApplicationContext) new SpringApplicationBuilder(Application.class)
                .sources(beans.toArray(Class<?>[]::new))
                .web(stack.type)
                .run(arguments.toArray(String[]::new)));
    }

    /** The response as a whole. */
    HttpResponse<String> get(String path, String... headers) {
        try {
            return browser.send(request(path, headers), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The response once its headers are there; closing the stream closes the connection. */
    InputStream open(String path) {
        try {
            return browser.send(request(path, "Accept", "text/event-stream"), HttpResponse.BodyHandlers.ofInputStream())
                    .body();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    @Override
    public void close() {
        ((ConfigurableApplicationContext) context).close();
    }

    private HttpRequest request(String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + context.getWebServer().getPort() + path));
        return (headers.length == 0 ? request : request.headers(headers)).build();
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}
}
