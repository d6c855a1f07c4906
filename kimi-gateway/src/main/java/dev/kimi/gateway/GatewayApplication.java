package dev.kimi.gateway;

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
            String url = "http://localhost:" + web.getWebServer().getPort();
            System.err.println("The gateway is at " + url + ". Claude Code: ANTHROPIC_BASE_URL=" + url
                    + " ANTHROPIC_AUTH_TOKEN=any ANTHROPIC_MODEL=claude-kimi-k3 claude. curl: curl " + url
                    + "/v1/chat/completions -H 'content-type: application/json'"
                    + " -d '{\"model\":\"kimi-k3\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}'");
        }
    }
}
