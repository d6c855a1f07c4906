package dev.kimi.samples.benchmark;

import java.io.IOException;

/**
 * Measures what the client costs, with a simulated service in another process, and prints tables in Markdown. Speed is
 * judged here and in no test.
 */
public final class Benchmark {

    private Benchmark() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        System.out.println(run(Options.parse(args)));
    }

    static String run(Options options) throws IOException, InterruptedException {
        int threads = Meter.threads();
        Report report = new Report(options);
        report.callsHead(options.inFlight());
        for (CallScenario.Form form : CallScenario.Form.values()) {
            if (form.available()) {
                System.err.println("Measuring calls: " + form);
                report.calls(form, new CallScenario(options).measure(form));
            }
        }
        report.streamsHead();
        for (int count : options.streams()) {
            System.err.println("Measuring " + count + " streams");
            report.streams(count, new StreamScenario(options, threads).measure(count));
        }
        return report.toString();
    }
}
