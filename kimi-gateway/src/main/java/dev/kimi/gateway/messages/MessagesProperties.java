package dev.kimi.gateway.messages;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How requests of clients that speak Anthropic's Messages are passed on.
 *
 * @param serverTools what becomes of tools that Anthropic defines, such as its web search, where another service is
 *     behind the gateway
 * @param highestEffort the effort that stands for all above it where another service is behind the gateway: low,
 *     medium, high, xhigh or max
 */
@ConfigurationProperties("kimi.gateway.messages")
record MessagesProperties(
        @DefaultValue("drop") ServerTools serverTools,
        @DefaultValue("max") Effort highestEffort) {

    static final MessagesProperties DEFAULTS = new MessagesProperties(ServerTools.DROP, Effort.MAX);

    /** What becomes of tools that only Anthropic's service has. */
    enum ServerTools {
        /** They are left out. */
        DROP,
        /** The request is rejected with 400. */
        REJECT
    }
}
