package dev.kimi.architecture.samples.spiclosed.quota;

public interface Afterthought {
    void think();
}
