package dev.kimi.observability.actuator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.web.client.RestClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An application that shows all that the actuator has, with a file of settings and variables of the environment. */
final class WebApplication implements AutoCloseable {

    private final ConfigurableApplicationContext context;

    private WebApplication(ConfigurableApplicationContext context) {
        this.context = context;
    }

    static WebApplication start(Path folder, String yaml, Map<String, String> variables, String... arguments) {
        return start(Application.class, folder, yaml, variables, arguments);
    }

    static WebApplication start(
            Class<?> source, Path folder, String yaml, Map<String, String> variables, String... arguments) {
        try {
            Files.writeString(folder.resolve("application.yml"), yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Stream<String> usual = Stream.of(
                "--server.address=127.0.0.1",
                "--server.port=0",
                "--spring.main.banner-mode=off",
                "--spring.config.location=" + folder.toUri(),
                "--management.endpoints.web.exposure.include=*",
                "--management.endpoint.env.show-values=always",
                "--management.endpoint.configprops.show-values=always",
                "--management.endpoint.health.show-details=always");
        return new WebApplication(new SpringApplicationBuilder(source)
                .environment(environment(variables))
                .web(WebApplicationType.SERVLET)
                .run(Stream.concat(usual, Arrays.stream(arguments)).toArray(String[]::new)));
    }

    ConfigurableApplicationContext context() {
        return context;
    }

    JsonNode json(String endpoint) {
        return JsonMapper.builder().build().readTree(get(endpoint));
    }

    String get(String endpoint) {
        int port = ((WebServerApplicationContext) context).getWebServer().getPort();
        return RestClient.create()
                .get()
                .uri(URI.create("http://127.0.0.1:" + port + "/actuator/" + endpoint))
                .exchange((request, response) -> new String(response.getBody().readAllBytes()));
    }

    @Override
    public void close() {
        context.close();
    }

    private static ConfigurableEnvironment environment(Map<String, String> variables) {
        ConfigurableEnvironment environment = new StandardEnvironment();
        String name = StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;
        environment
                .getPropertySources()
                .replace(name, new SystemEnvironmentPropertySource(name, Map.copyOf(variables)));
        return environment;
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}
}
