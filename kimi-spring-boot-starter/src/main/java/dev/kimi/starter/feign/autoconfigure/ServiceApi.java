package dev.kimi.starter.feign.autoconfigure;

import dev.kimi.KimiClient;
import dev.kimi.chat.Provenance;
import dev.kimi.starter.feign.ClaudeApi;
import dev.kimi.starter.feign.KimiApi;
import org.springframework.beans.factory.config.BeanDefinition;

/** Which of our Feign clients goes with a client, by the protocol that it speaks. */
enum ServiceApi {
    KIMI(KimiApi.class, "KimiApi"),
    CLAUDE(ClaudeApi.class, "ClaudeApi");

    /** What the starter knows of a client that it makes itself. */
    private static final String PROTOCOL = KimiClient.class.getName() + ".protocol";

    private final Class<?> type;
    private final String suffix;

    ServiceApi(Class<?> type, String suffix) {
        this.type = type;
        this.suffix = suffix;
    }

    /** The one for a client; of one that the application makes itself nothing is known, and most speak openai. */
    static ServiceApi of(BeanDefinition client) {
        return Provenance.ANTHROPIC.equals(client.getAttribute(PROTOCOL)) ? CLAUDE : KIMI;
    }

    Class<?> type() {
        return type;
    }

    /** The name of the bean over a client. */
    String bean(String client) {
        return client + suffix;
    }
}
