package dev.kimi.gateway.messages;

import static dev.kimi.gateway.messages.MessagesFixture.DIALECT;
import static dev.kimi.gateway.messages.MessagesFixture.read;
import static dev.kimi.gateway.messages.MessagesFixture.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.chat.Provenance;
import dev.kimi.error.KimiException;
import dev.kimi.gateway.dialect.ResponseWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Streams as services have sent them, written in the Messages protocol and read again. */
@EnabledIfSystemProperty(named = "kimi.captures", matches = ".+")
class CapturesTest {

    @Test
    void recorded_streams_become_lawful_streams_that_say_the_same() throws IOException {
        CannedService service = new CannedService();
        int good = 0;
        try (KimiClient openai = service.client(Provenance.OPENAI);
                KimiClient anthropic = service.client(Provenance.ANTHROPIC)) {
            for (Path file : recorded()) {
                ResponseWriter writer = DIALECT.writer(read("{\"model\":\"m\",\"messages\":[]}"), "req_1");
                service.response("text/event-stream", Files.readAllBytes(file));
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                ChatResponse response = null;
                bytes.writeBytes(writer.start());
                try (ChatStream stream = openai.stream(ChatRequest.of("Hi"))) {
                    for (ChatEvent event : stream) {
                        bytes.writeBytes(writer.event(event));
                    }
                    response = stream.response();
                } catch (KimiException e) {
                    // excerpts have no end
                    continue;
                }
                bytes.writeBytes(writer.end(response));
                StreamReader.of(text(bytes.toByteArray()));
                good++;
                compare(service, anthropic, bytes.toByteArray(), response, file);
            }
        }
        assertThat(good).isGreaterThan(10);
    }

    private static void compare(
            CannedService service, KimiClient anthropic, byte[] written, ChatResponse response, Path file) {
        service.response("text/event-stream", written);
        try (ChatStream stream = anthropic.stream(ChatRequest.of("Hi"))) {
            stream.iterator().forEachRemaining(event -> {});
            ChatResponse back = stream.response();
            assertThat(back.text()).as(file.toString()).isEqualTo(response.text());
            assertThat(back.reasoning()).as(file.toString()).isEqualTo(response.reasoning());
            assertThat(back.toolCalls()).as(file.toString()).hasSameSizeAs(response.toolCalls());
            assertThat(back.usage().cachedTokens())
                    .as(file.toString())
                    .isEqualTo(response.usage().cachedTokens());
        }
    }

    private static List<Path> recorded() throws IOException {
        Path all = Path.of(System.getProperty("kimi.captures"));
        try (Stream<Path> kimi = Files.list(all.resolve("kimi"));
                Stream<Path> others = Files.list(all.resolve("openai-compatible"))) {
            return Stream.concat(kimi, others)
                    .filter(file -> file.toString().endsWith(".sse")
                            && !file.getFileName().toString().startsWith("anthropic"))
                    .sorted()
                    .toList();
        }
    }
}
