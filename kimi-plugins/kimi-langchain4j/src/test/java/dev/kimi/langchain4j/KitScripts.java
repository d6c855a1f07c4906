package dev.kimi.langchain4j;

import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.Properties;
import java.util.regex.Pattern;
import org.junit.jupiter.api.TestInfo;

/** Lets a simulator say what the tests of LangChain4j's kits expect of a model, see {@code kit-scripts.properties}. */
final class KitScripts {

    private static final String OTHERWISE = "The capital of Germany is Berlin, on the Spree.";
    private static final Properties SCRIPTS = read();

    private KitScripts() {}

    private static Properties read() {
        Properties scripts = new Properties();
        try (Reader reader = new InputStreamReader(
                Objects.requireNonNull(KitScripts.class.getResourceAsStream("/kit-scripts.properties")),
                StandardCharsets.UTF_8)) {
            scripts.load(reader);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return scripts;
    }

    /** Forgets the test before, and replies as this one wants. */
    static void play(KimiSimulator simulator, TestInfo test) {
        String name = test.getTestMethod().orElseThrow().getName();
        Reply[] replies = Arrays.stream(SCRIPTS.getProperty(name, OTHERWISE).split(Pattern.quote(" | ")))
                .map(KitScripts::reply)
                .toArray(Reply[]::new);
        simulator.reset();
        if (replies.length == 1) {
            simulator.otherwise(replies[0]);
        } else {
            simulator.reply(replies);
        }
    }

    private static Reply reply(String script) {
        if (script.startsWith("cut ")) {
            return Reply.text(script.substring(4)).finishReason("length").usage(9, 5, 0);
        }
        if (!script.startsWith("call ")) {
            return Reply.text(script).usage(9, 11, 0);
        }
        Reply reply = null;
        for (String call : script.split(" & ")) {
            String[] parts = call.split(" ", 3);
            reply = reply == null ? Reply.toolCall(parts[1], parts[2]) : reply.thenToolCall(parts[1], parts[2]);
        }
        return Objects.requireNonNull(reply);
    }
}
