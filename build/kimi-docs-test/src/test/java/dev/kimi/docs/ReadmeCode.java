package dev.kimi.docs;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.TruncatedStreamException;

/** The code of the README, compiled; what it does is tested with the guide's. */
final class ReadmeCode {

    private ReadmeCode() {}

    static void stream() {
        try (KimiClient kimi = KimiClient.builder()
                        .apiKey(System.getenv("KIMI_API_KEY"))
                        .build();
                ChatStream stream = kimi.stream(ChatRequest.of("Why is the sky blue?"))) {
            for (ChatEvent event : stream) {
                if (event instanceof ChatEvent.Text text) {
                    System.out.print(text.value());
                }
            }
            System.out.println(stream.response().usage());
        } catch (TruncatedStreamException e) {
            System.out.println("cut off after: " + e.partial().text());
        } catch (RateLimitException e) {
            System.out.println("try again at " + e.retryAt());
        }
    }
}
