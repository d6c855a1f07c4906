package dev.kimi.samples.quickstart.terminal;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.KimiException;
import dev.kimi.samples.quickstart.conversation.Pace;
import dev.kimi.samples.quickstart.conversation.QuickstartSettings;
import java.io.PrintStream;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.context.annotation.Profile;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** Prints one response as it arrives, then where the page is. */
@Component
@Profile("!batch")
final class FirstResponse implements ApplicationRunner {

    private final KimiClient kimi;
    private final QuickstartSettings settings;
    private final Terminal terminal;
    private final Environment environment;
    private final PrintStream out = System.out;

    FirstResponse(KimiClient kimi, QuickstartSettings settings, Terminal terminal, Environment environment) {
        this.kimi = kimi;
        this.settings = settings;
        this.terminal = terminal;
        this.environment = environment;
    }

    @Override
    public void run(ApplicationArguments arguments) {
        if (!settings.question().isBlank()) {
            out.println();
            out.println("> " + settings.question());
            out.println();
            printResponse();
            out.println();
        }
        String page = "http://" + environment.getProperty("server.address") + ":"
                + environment.getProperty("local.server.port");
        out.println("Chat page " + page + "   metrics " + page + "/actuator/prometheus   Ctrl-C ends");
    }

    private void printResponse() {
        Pace pace = new Pace();
        ChatRequest request = ChatRequest.of(settings.question()).toBuilder()
                .maxCompletionTokens(settings.maxTokens())
                .build();
        try (ChatStream stream = kimi.stream(request)) {
            boolean thinking = false;
            for (ChatEvent event : stream) {
                if (event instanceof ChatEvent.Reasoning piece) {
                    pace.arrived();
                    thinking = true;
                    out.print(terminal.dim(piece.value()));
                } else if (event instanceof ChatEvent.Text piece) {
                    pace.arrived();
                    out.print((thinking ? "\n\n" : "") + piece.value());
                    thinking = false;
                }
                out.flush();
            }
            out.println();
            out.println();
            out.println(terminal.dim(pace.line(stream.response().usage())));
        } catch (KimiException e) {
            out.println();
            out.println("No response: " + e.getMessage());
        }
    }
}
