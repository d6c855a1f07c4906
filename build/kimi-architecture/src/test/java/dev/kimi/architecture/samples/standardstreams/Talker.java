package dev.kimi.architecture.samples.standardstreams;

final class Talker {
    void say() {
        System.out.println("hello");
    }
}
