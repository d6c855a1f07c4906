package org.example.outside;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.CompletableFuture;
import org.slf4j.MDC;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Reports what a callback finds around itself. */
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

    /** As from the common pool, whose threads have the system class loader, which does not know the application. */
    @GetMapping("/callback-of-system-loader")
    CompletableFuture<Map<String, String>> callbackOfSystemLoader() {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(ClassLoader.getSystemClassLoader());
        try {
            return ask();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private CompletableFuture<Map<String, String>> ask() {
        String caller = className();
        return kimi.chatAsync(ChatRequest.of("Hello?")).thenApply(response -> found(caller));
    }

    private Map<String, String> found(String caller) {
        Observation observation = observations.getCurrentObservation();
        return Map.of(
                "classOfCaller", caller,
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
