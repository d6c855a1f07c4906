package org.example.outside;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatStream;
import dev.kimi.starter.feign.KimiApi;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
class ChatController {

    private final KimiClient kimi;
    private final KimiClient second;
    private final KimiApi api;
    private final Files files;
    private final Account account;

    ChatController(
            KimiClient kimi, @Qualifier("my-second") KimiClient second, KimiApi api, Files files, Account account) {
        this.kimi = kimi;
        this.second = second;
        this.api = api;
        this.files = files;
        this.account = account;
    }

    @GetMapping("/chat")
    String chat(@RequestParam String q) {
        return kimi.chat(q).text();
    }

    @GetMapping("/second")
    String second(@RequestParam String q) {
        return second.chat(q).text();
    }

    @GetMapping("/stream")
    String stream(@RequestParam String q) {
        try (ChatStream stream = kimi.stream(ChatRequest.of(q))) {
            stream.forEach(event -> {});
            return stream.response().text();
        }
    }

    /** Closes its stream after the first event. */
    @GetMapping("/abandoned")
    String abandoned(@RequestParam String q) {
        try (ChatStream stream = kimi.stream(ChatRequest.of(q))) {
            return stream.iterator().next().getClass().getSimpleName();
        }
    }

    @GetMapping("/models")
    int models() {
        return api.models().data().size();
    }

    @GetMapping("/balance")
    boolean balance() {
        return account.balance().containsKey("data");
    }

    @GetMapping("/files")
    HttpStatusCode files() {
        return files.list().getStatusCode();
    }
}
