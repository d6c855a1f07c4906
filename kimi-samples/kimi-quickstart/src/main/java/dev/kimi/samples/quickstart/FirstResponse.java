package dev.kimi.samples.quickstart;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatStream;
import dev.kimi.chat.Usage;
import dev.kimi.error.KimiException;
import dev.kimi.time.TimeSource;
import java.util.List;
import java.util.Locale;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.ansi.AnsiOutput;
import org.springframework.boot.ansi.AnsiStyle;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** A response of each service as it arrives, printed to the terminal: reasoning if it is shown, text, tokens, times. */
@Component
final class FirstResponse implements ApplicationRunner {

    private final List<KimiClient> clients;
    private final String question;
    private final Environment environment;

    FirstResponse(List<KimiClient> clients, @Value("${quickstart.question}") String question, Environment environment) {
        this.clients = clients;
        this.question = question;
        this.environment = environment;
    }

    @Override
    public void run(ApplicationArguments arguments) {
        for (KimiClient client : clients) {
            System.out.println("\n" + client.model() + " > " + question + "\n");
            try (ChatStream stream = client.stream(ChatRequest.of(question))) {
                print(stream);
            } catch (KimiException e) {
                System.out.println("\nNo response: " + e.getMessage());
            }
        }
        String here = "http://127.0.0.1:" + environment.getProperty("local.server.port");
        System.out.println("\nChat page " + here + "   metrics " + here + "/actuator/prometheus   Ctrl-C ends");
    }

    private static void print(ChatStream stream) {
        TimeSource time = TimeSource.system();
        long sent = time.nanoTime();
        long first = 0;
        boolean thinking = false;
        for (ChatEvent event : stream) {
            if (event instanceof ChatEvent.Reasoning reasoning) {
                System.out.print(faint(reasoning.value()));
                thinking = true;
            } else if (event instanceof ChatEvent.Text text) {
                System.out.print((thinking ? "\n\n" : "") + text.value());
                thinking = false;
            }
            System.out.flush();
            first = first == 0 ? time.nanoTime() : first;
        }
        Usage usage = stream.response().usage();
        System.out.println("\n\n"
                + faint(String.format(
                        Locale.ROOT,
                        "%d tokens in, %d out (%d reasoning), first token after %.2f s, %.0f tokens/s",
                        usage.promptTokens(),
                        usage.completionTokens(),
                        usage.reasoningTokens(),
                        (first - sent) / 1e9,
                        usage.completionTokens() / Math.max(1e-3, (time.nanoTime() - first) / 1e9))));
    }

    private static String faint(String text) {
        return AnsiOutput.toString(AnsiStyle.FAINT, text);
    }
}
