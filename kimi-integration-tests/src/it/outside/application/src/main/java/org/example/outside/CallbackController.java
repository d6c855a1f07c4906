package org.example.outside;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;
import org.slf4j.MDC;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Tells what a callback finds around itself. */
@RestController
class CallbackController {

    private final KimiClient kimi;
    private final ObservationRegistry observations;

    CallbackController(KimiClient kimi, ObservationRegistry observations) {
        this.kimi = kimi;
        this.observations = observations;
    }

    @GetMapping("/callback")
    CompletableFuture<Map<String, String>> callback(@RequestParam String tenant) {
        try (MDC.MDCCloseable ignored = MDC.putCloseable("tenant", tenant)) {
            return ask();
        }
    }

    /** The call comes from a thread whose context class loader does not know the application's classes. */
    @GetMapping("/callback-of-common-pool")
    CompletableFuture<Map<String, String>> callbackOfCommonPool() {
        return CompletableFuture.supplyAsync(this::ask, ForkJoinPool.commonPool())
                .thenCompose(found -> found);
    }

    private CompletableFuture<Map<String, String>> ask() {
        return kimi.chatAsync(ChatRequest.of("Hello?")).thenApply(response -> found());
    }

    private Map<String, String> found() {
        Observation observation = observations.getCurrentObservation();
        return Map.of(
                "thread", Thread.currentThread().getName(),
                "class", className(),
                "service", service(),
                "tenant", String.valueOf(MDC.get("tenant")),
                "traceId", String.valueOf(MDC.get("traceId")),
                "observation", observation == null ? "none" : observation.getContext().getName());
    }

    private static String className() {
        try {
            ClassLoader loader = Thread.currentThread().getContextClassLoader();
            return Class.forName("org.example.outside.LoudStyle", true, loader).getSimpleName();
        } catch (ClassNotFoundException e) {
            return e.toString();
        }
    }

    private static String service() {
        return ServiceLoader.load(Style.class)
                .findFirst()
                .map(style -> style.apply("found"))
                .orElse("none");
    }
}
