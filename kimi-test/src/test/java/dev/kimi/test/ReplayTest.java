package dev.kimi.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayTest {

    private static final String STREAM =
            "data: {\"a\":1}\r\n\r\n: a comment\n\ndata: {\"b\":2}\n \ndata: {\"c\":3}\n\n" + "data: [DONE]\n\n";

    private final KimiSimulator kimi = KimiSimulator.start();
    private final Client client = new Client(kimi);

    @TempDir
    private Path folder;

    @AfterEach
    void stop() {
        kimi.close();
    }

    @Test
    void replays_a_folder_by_name_byte_for_byte() throws Exception {
        Files.writeString(folder.resolve("1.sse"), STREAM);
        Files.writeString(
                folder.resolve("2.json"), "{\"error\":{\"message\":\"m\",\"type\":\"engine_overloaded_error\"}}");
        Files.writeString(
                folder.resolve("3.http"),
                "HTTP/1.1 504 Gateway Timeout\r\ncontent-type: text/html\r\nContent-Length: 999\r\nX-Via: edge\r\n\r\n<html>\n");
        Files.writeString(folder.resolve("readme.txt"), "not a recording");
        kimi.replay(folder);

        HttpResponse<String> stream = client.stream("hi");
        HttpResponse<String> error = client.chat("hi");
        HttpResponse<String> page = client.chat("hi");

        assertThat(stream.body()).isEqualTo(STREAM);
        assertThat(error.statusCode()).isEqualTo(429);
        assertThat(page.statusCode()).isEqualTo(504);
        assertThat(page.body()).isEqualTo("<html>\n");
        assertThat(page.headers().firstValue("content-type")).hasValue("text/html");
        assertThat(page.headers().firstValue("x-via")).hasValue("edge");
        assertThat(kimi.repliesLeft()).isZero();
    }

    @Test
    void replays_one_file_with_pauses_and_faults() throws Exception {
        Path file = folder.resolve("one.sse");
        Files.writeString(file, STREAM);
        kimi.replay(file, Duration.ofNanos(1));
        kimi.reply(Reply.recorded(file).withoutDone());

        assertThat(client.stream("hi").body()).isEqualTo(STREAM);
        assertThat(client.stream("hi").body()).isEqualTo(STREAM.replace("data: [DONE]\n\n", ""));
    }

    @Test
    void says_what_it_cannot_read() throws Exception {
        Path text = Files.writeString(folder.resolve("a.txt"), "");

        assertThatThrownBy(() -> kimi.replay(text)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Reply.recorded(folder.resolve("missing.sse")))
                .isInstanceOf(UncheckedIOException.class);
    }
}
