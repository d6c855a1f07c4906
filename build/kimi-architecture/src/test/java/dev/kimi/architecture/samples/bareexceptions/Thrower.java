package dev.kimi.architecture.samples.bareexceptions;

final class Thrower {
    RuntimeException failure() {
        return new RuntimeException("what now?");
    }
}
