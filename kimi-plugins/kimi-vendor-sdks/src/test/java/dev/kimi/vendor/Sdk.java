package dev.kimi.vendor;

import dev.kimi.KimiClient;
import dev.kimi.KimiClientBuilder;
import dev.kimi.Part;

/** The SDKs, each over HTTP/1.1 and HTTP/2. */
enum Sdk {
    OPENAI_HTTP1("openai", "http1", OpenAiCalls::new),
    OPENAI_HTTP2("openai", "h2", OpenAiCalls::new),
    ANTHROPIC_HTTP1("anthropic", "http1", AnthropicCalls::new),
    ANTHROPIC_HTTP2("anthropic", "h2", AnthropicCalls::new);

    private final String protocol;
    private final String http;
    private final SdkCalls.Maker maker;

    Sdk(String protocol, String http, SdkCalls.Maker maker) {
        this.protocol = protocol;
        this.http = http;
        this.maker = maker;
    }

    /** A client that speaks the SDK's protocol. */
    KimiClientBuilder client() {
        KimiClientBuilder client = KimiClient.builder()
                .provider(Part.TRANSPORT, "vertx")
                .set(Part.TRANSPORT, "http", http)
                .apiKey("sk-test")
                .protocol(protocol);
        return isAnthropic() ? client.model("claude-sonnet-4-6").set(Part.AUTH, "header", "x-api-key") : client;
    }

    SdkCalls over(KimiClient client) {
        return maker.over(client);
    }

    /** The SDK on its own transport, which speaks HTTP/1.1 to a service without TLS. */
    SdkCalls bare(String baseUrl) {
        return isAnthropic() ? AnthropicCalls.bare(baseUrl) : OpenAiCalls.bare(baseUrl);
    }

    boolean isAnthropic() {
        return protocol.equals("anthropic");
    }

    /** How many events the simulator has sent when it has sent so many pieces of a text. */
    int eventsUntilText(int pieces) {
        return (isAnthropic() ? 3 : 1) + pieces;
    }
}
