package dev.kimi.architecture.samples.broadcatch;

final class Swallower {
    static int length(String text) {
        try {
            return text.length();
        } catch (Exception e) {
            return 0;
        }
    }
}
