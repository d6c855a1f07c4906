package dev.kimi.gateway;

import dev.kimi.gateway.key.VirtualKeys;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.event.EventListener;

/** The gateway. */
@SpringBootApplication
public class GatewayApplication {

    public static void main(String[] args) {
        SpringApplication gateway = new SpringApplication(GatewayApplication.class);
        gateway.addInitializers(new Simulator());
        gateway.run(args);
    }

    /** One line that says how to use it. */
    @EventListener
    void ready(ApplicationReadyEvent event) {
        if (event.getApplicationContext() instanceof WebServerApplicationContext web && web.getWebServer() != null) {
            System.err.println(use(
                    "http://localhost:" + web.getWebServer().getPort(),
                    web.getBeanProvider(VirtualKeys.class).stream().anyMatch(VirtualKeys::configured)));
        }
    }

    static String use(String url, boolean withKeys) {
        String key = withKeys ? "<a key of the gateway>" : "any";
        String authorization = withKeys ? " -H 'authorization: Bearer " + key + "'" : "";
        return "The gateway is at " + url + ". Claude Code: ANTHROPIC_BASE_URL=" + url + " ANTHROPIC_AUTH_TOKEN='" + key
                + "' ANTHROPIC_MODEL=claude-kimi-k3 claude. curl: curl " + url + "/v1/chat/completions" + authorization
                + " -H 'content-type: application/json'"
                + " -d '{\"model\":\"kimi-k3\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}'";
    }
}
