package dev.kimi.samples.chatpage;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Streams the response to a conversation as server-sent events, holding no thread while the model writes. */
@RestController
final class ChatController {

    private static final int MAX_BYTES = 1 << 20;
    private static final int MAX_MESSAGES = 200;

    private final KimiClient kimi;
    private final int maxTokens;
    private final JsonMapper json;
    private final Heartbeat heartbeat;

    ChatController(
            KimiClient kimi,
            JsonMapper json,
            Heartbeat heartbeat,
            @Value("${chat-page.max-tokens:16384}") int maxTokens) {
        this.kimi = kimi;
        this.json = json;
        this.heartbeat = heartbeat;
        this.maxTokens = maxTokens;
    }

    /** Takes JSON only: a page of another origin cannot send that without this server's consent. */
    @PostMapping(path = "/api/chat", consumes = MediaType.APPLICATION_JSON_VALUE)
    void chat(HttpServletRequest request, HttpServletResponse response) throws IOException {
        ChatRequest question = question(request);
        response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
        response.setHeader("Cache-Control", "no-store");
        EventWriter writer = EventWriter.open(request, response);
        ResponseStream stream = new ResponseStream(writer, json);
        heartbeat.keepAlive(writer);
        stream.begin(kimi, question);
    }

    @ExceptionHandler
    ResponseEntity<Map<String, String>> rejected(RejectedRequestException rejection) {
        // Said outright, since the page asks for a stream of events, which this is not.
        return ResponseEntity.status(rejection.status())
                .contentType(MediaType.APPLICATION_JSON)
                .body(Map.of("message", String.valueOf(rejection.getMessage())));
    }

    private ChatRequest question(HttpServletRequest request) throws IOException {
        byte[] body = request.getInputStream().readNBytes(MAX_BYTES + 1);
        if (body.length > MAX_BYTES) {
            throw new RejectedRequestException(
                    HttpStatus.CONTENT_TOO_LARGE, "The conversation is longer than 1 MiB. Start a new chat.");
        }
        List<@Nullable Turn> turns = turns(body);
        if (turns.size() > MAX_MESSAGES) {
            throw new RejectedRequestException(
                    HttpStatus.CONTENT_TOO_LARGE,
                    "The conversation has more than " + MAX_MESSAGES + " messages. Start a new chat.");
        }
        try {
            return Turn.request(turns, maxTokens);
        } catch (IllegalArgumentException e) {
            throw new RejectedRequestException(HttpStatus.BAD_REQUEST, e.getMessage() + ".");
        }
    }

    private List<@Nullable Turn> turns(byte[] body) {
        try {
            ChatBody read = json.readValue(body, ChatBody.class);
            return read == null || read.messages() == null ? List.of() : read.messages();
        } catch (JacksonException e) {
            throw new RejectedRequestException(
                    HttpStatus.BAD_REQUEST, "The body must be {\"messages\":[{\"role\":…,\"content\":…}]}.");
        }
    }
}
