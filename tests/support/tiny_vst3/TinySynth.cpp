// A monophonic instrument to host in tests. TINY_SYNTH in the environment gives it a fault:
// crash (on load), hang (on load), crash-bright and hang-bright (as it plays with Brightness above 0.9), silent, nan, forgetful (the tuning walks on with every note).

#include "DistrhoPlugin.hpp"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <unistd.h>

START_NAMESPACE_DISTRHO

// Through DPF 1.6 and JUCE the first parameter does not come back to exactly 0, so the first is one nobody hears.
static const char* const kNames[] = {"Unused", "Decay", "Detune", "Brightness", "Wave", "Volume"};
static const float kDefaults[] = {0.5f, 0.6f, 0.2f, 0.5f, 0.0f, 0.8f};

class TinySynth : public Plugin {
public:
    TinySynth() : Plugin(6, 0, 0) {
        if (fault("crash")) std::abort();
        if (fault("hang")) sleep(3600);
        std::memcpy(fValues, kDefaults, sizeof(fValues));
    }

protected:
    const char* getLabel() const override { return "TinySynth"; }
    const char* getMaker() const override { return "Flow Synth Live"; }
    const char* getLicense() const override { return "GPL-3.0-or-later"; }
    uint32_t getVersion() const override { return d_version(1, 0, 0); }
    int64_t getUniqueId() const override { return d_cconst('f', 's', 'l', 't'); }

    void initParameter(uint32_t index, Parameter& parameter) override {
        parameter.hints = kParameterIsAutomatable;
        if (index == 4) parameter.hints |= kParameterIsBoolean;
        parameter.name = kNames[index];
        parameter.symbol = kNames[index];
        parameter.ranges.min = 0.0f;
        parameter.ranges.max = 1.0f;
        parameter.ranges.def = kDefaults[index];
    }
    float getParameterValue(uint32_t index) const override { return fValues[index]; }
    void setParameterValue(uint32_t index, float value) override { fValues[index] = value; }
    void activate() override { fLevel = 0.0; }

    void run(const float**, float** outputs, uint32_t frames, const MidiEvent* events, uint32_t n) override {
        const double rate = getSampleRate();
        if (fValues[3] > 0.9f && fault("crash-bright")) std::abort();
        if (fValues[3] > 0.9f && fault("hang-bright")) sleep(3600);
        uint32_t next = 0;
        for (uint32_t k = 0; k < frames; ++k) {
            for (; next < n && events[next].frame == k; ++next) handle(events[next]);
            fLevel *= fHeld ? std::exp(-1.0 / (rate * (0.02 + 3.0 * fValues[1]))) : std::exp(-1.0 / (rate * 0.05));
            double sound = 0.0;
            for (int h = 1; h <= 5; ++h) {
                const double weight = std::pow(0.2 + 0.75 * fValues[3], h - 1) / (fValues[4] > 0.5f ? h * h : h);
                const double detuned = fPhase2 * h;
                sound += weight * (std::sin(2 * M_PI * fPhase * h) + std::sin(2 * M_PI * detuned));
            }
            fPhase += fHz / rate;
            fPhase2 += fHz * (1.0 + 0.03 * fValues[2]) / rate;
            if (fPhase >= 1.0) fPhase -= 1.0;
            if (fPhase2 >= 1.0) fPhase2 -= 1.0;
            float value = float(0.15 * sound * fLevel * fValues[5]);
            if (fault("silent")) value = 0.0f;
            if (fault("nan")) value = NAN;
            outputs[0][k] = outputs[1][k] = value;
        }
    }

private:
    float fValues[6];
    double fPhase = 0.0, fPhase2 = 0.0, fLevel = 0.0, fHz = 440.0;
    bool fHeld = false;

    static bool fault(const char* name) {
        const char* const said = std::getenv("TINY_SYNTH");
        return said != nullptr && std::strcmp(said, name) == 0;
    }

    void handle(const MidiEvent& event) {
        const uint8_t status = event.data[0] & 0xf0;
        if (status == 0x90 && event.data[2] > 0) {
            fHz = 440.0 * std::pow(2.0, (event.data[1] - 69) / 12.0);
            fLevel = event.data[2] / 127.0;
            fHeld = true;
            static int notes = 0;  // of the process: neither a reset nor a new instance brings it back
            if (fault("forgetful")) fHz *= std::pow(1.06, notes++ % 7);
            fPhase = fPhase2 = 0.0;
        } else if (status == 0x80 || status == 0x90) {
            fHeld = false;
        }
    }

    DISTRHO_DECLARE_NON_COPYABLE_WITH_LEAK_DETECTOR(TinySynth)
};

Plugin* createPlugin() { return new TinySynth(); }

END_NAMESPACE_DISTRHO
