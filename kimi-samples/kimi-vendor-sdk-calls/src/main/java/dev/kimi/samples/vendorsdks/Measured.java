package dev.kimi.samples.vendorsdks;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** What the meters of the Kimi clients say of the SDKs' calls. */
@Component
final class Measured {

    private final MeterRegistry registry;

    Measured(MeterRegistry registry) {
        this.registry = registry;
    }

    void print() {
        System.out.println("\nmeasured by the Kimi clients:");
        Map<String, List<Timer>> calls = registry.find("kimi.client.request").timers().stream()
                .collect(Collectors.groupingBy(Measured::what, TreeMap::new, Collectors.toList()));
        calls.forEach((what, timers) -> System.out.printf(
                Locale.ROOT,
                "  %s: %d calls, %.0f ms%n",
                what,
                timers.stream().mapToLong(Timer::count).sum(),
                timers.stream()
                        .mapToDouble(timer -> timer.totalTime(TimeUnit.MILLISECONDS))
                        .sum()));
    }

    private static String what(Timer timer) {
        Meter.Id id = timer.getId();
        return "client " + id.getTag("client") + ", operation " + id.getTag("operation") + ", outcome "
                + id.getTag("outcome");
    }
}
